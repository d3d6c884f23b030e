import { createTestTracker } from 'track-inference/testing';
import ts from 'typescript';
import { requests } from '../support/readings.js';
import { blocksOf } from './support/pages.js';

/** The files of settings on the page, by the comment in front of each. */
const settings = blocksOf('docs/decorators.md')
  .filter(({ language }) => language === 'jsonc')
  .flatMap(({ code }) => code.split(/^\/\/ /m).slice(1))
  .map((part) => {
    const [name = '', ...json] = part.split('\n');
    return [name, JSON.parse(json.join('\n'))] as const;
  });

const ROUTER = `
class Router {
  #prefix = 're: ';
  @TrackInference('chat_completion')
  chat({ model }) { return this.#prefix + model; }
}
return new Router().chat({ model: 'm' });
`;

describe('the settings of docs/decorators.md', () => {
  it('are those of tsc, swc and Babel, of which `npm run matrix:consumers` tries the latter two', () => {
    expect(settings.map(([name]) => name)).toEqual([
      'tsconfig.json, standard',
      'tsconfig.json, legacy',
      '.swcrc, standard',
      '.swcrc, legacy',
      'babel.config.json',
    ]);
  });

  it.each(settings.filter(([name]) => name.startsWith('tsconfig')))('%s', async (_name, { compilerOptions }) => {
    const { options, errors } = ts.convertCompilerOptionsFromJson(compilerOptions, '.');
    expect(errors).toEqual([]);
    const { outputText, diagnostics } = ts.transpileModule(ROUTER, {
      compilerOptions: options,
      reportDiagnostics: true,
    });
    // A return at the top is none of a module's, but of the function that is made of it below.
    expect(diagnostics?.filter(({ code }) => code !== 1108)).toEqual([]);
    const tracker = createTestTracker();
    expect(new Function('TrackInference', outputText)(tracker.TrackInference)).toBe('re: m');
    expect(await requests(tracker)).toEqual([
      { model: 'm', endpoint_type: 'chat_completion', stream: false, status: 'success', count: 1 },
    ]);
    await tracker.dispose();
  });
});
