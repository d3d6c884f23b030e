import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: Record<string, unknown> };
const entries = Object.keys(exports)
  .filter((entry) => entry !== './package.json')
  .map((entry) => join('track-inference', entry));

/** An application with what `npm pack` packs, unpacked where `npm install` would put it. */
const app = mkdtempSync(join(tmpdir(), 'packed-'));
const quiet: ExecFileSyncOptionsWithStringEncoding = { cwd: app, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] };
let tarball: string;

beforeAll(() => {
  const packed = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', app], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  tarball = join(app, (JSON.parse(packed) as [{ filename: string }])[0].filename);
  mkdirSync(join(app, 'node_modules'));
  execFileSync('tar', ['-xzf', tarball, '-C', join(app, 'node_modules')]);
  execFileSync('mv', ['node_modules/package', 'node_modules/track-inference'], { cwd: app });
  for (const name of ['@opentelemetry', 'eventsource-parser']) {
    symlinkSync(resolve('node_modules', name), join(app, 'node_modules', name));
  }
}, 120_000);
afterAll(() => rmSync(app, { recursive: true }));

/** What a bundler makes of a module of the application. */
async function bundled(code: string): Promise<string> {
  const { outputFiles, warnings } = await build({
    stdin: { contents: code, resolveDir: app },
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    logLevel: 'silent',
    external: ['@opentelemetry/*'],
  });
  expect(warnings.filter(({ id }) => id !== 'ignored-bare-import')).toEqual([]);
  return outputFiles[0]?.text ?? '';
}

describe('the package as it is packed', () => {
  it('is found clean by publint', async () => {
    execFileSync(process.execPath, [resolve('node_modules/publint/src/cli.js'), tarball, '--strict'], quiet);
  }, 120_000);

  it('has types that resolve everywhere, by attw', () => {
    execFileSync(process.execPath, [resolve('node_modules/@arethetypeswrong/cli/dist/index.js'), tarball, '-q'], quiet);
  }, 120_000);

  it('is required and imported, every entry, and an import leaves nothing behind for others to see', () => {
    const program = `
      const before = Reflect.ownKeys(globalThis).length;
      const names = ${JSON.stringify(entries)};
      const required = names.map((name) => Object.keys(require(name)).length > 0);
      Promise.all(names.map(async (name) => Object.keys(await import(name)).length > 0)).then((imported) =>
        console.log(JSON.stringify({ required, imported, left: Reflect.ownKeys(globalThis).slice(before).map(String) })));`;
    const output = execFileSync(process.execPath, ['--eval', program], quiet);
    const all = entries.map(() => true);
    const { left, ...loaded } = JSON.parse(output) as { left: string[] };
    expect(loaded).toEqual({ required: all, imported: all });
    // State that its own copies share, and that nobody else sees, is made on import.
    expect(left.filter((key) => !key.startsWith('Symbol(track-inference.'))).toEqual([]);
  }, 60_000);

  it.each([
    ['node16', 'commonjs', 'ES2022'],
    ['node16', 'module', 'ES2022'],
    ['nodenext', 'commonjs', 'ES2022'],
    ['nodenext', 'module', 'ES2022'],
    ['bundler', 'module', 'ES2022'],
  ])(
    'has types under %s resolution, type %s',
    (resolution, type, target) => {
      const folder = join(app, `${resolution}-${type}`);
      mkdirSync(folder);
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ type }));
      const imports = entries.map((entry, i) => `import * as entry${i} from '${entry}';\nvoid entry${i};`);
      writeFileSync(
        join(folder, 'app.ts'),
        `${imports.join('\n')}
import { TrackInference } from 'track-inference';
export class Router {
  @TrackInference({ endpointType: 'chat_completion', model: (request) => request.model.toUpperCase() })
  async chat(request: { model: string }): Promise<string> { return request.model; }
}`,
      );
      const compilerOptions = {
        module: resolution === 'bundler' ? 'esnext' : resolution,
        moduleResolution: resolution,
        target,
        strict: true,
        skipLibCheck: true,
        noEmit: true,
        types: [],
      };
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['app.ts'] }));
      execFileSync(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '-p', folder], quiet);
    },
    120_000,
  );

  it('imports nothing of Node from its root', async () => {
    expect(await bundled(`export * from 'track-inference';`)).not.toMatch(/from"node:|require\("/);
  });

  it('brings no extractor along with createMetricAttributes', async () => {
    const code = await bundled(`export { createMetricAttributes } from 'track-inference';`);
    expect(code).toContain('endpoint_type');
    expect(code).not.toContain('openai.chat');
    expect(code.length).toBeLessThan(1000);
  });

  it.each(entries)('leaves nothing of %s in a bundle that does not use it', async (entry) => {
    expect(await bundled(`import * as unused from '${entry}';`)).toBe('');
  });
});
