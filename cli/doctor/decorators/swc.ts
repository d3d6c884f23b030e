import { type Finding, ok, problem, warn } from '../finding.js';
import { type Project, readText } from '../project.js';
import type { TypeScriptReading } from './typescript.js';

interface SwcConfig {
  readonly jsc?: {
    readonly target?: string;
    readonly parser?: { readonly decorators?: boolean };
    readonly transform?: { readonly legacyDecorator?: boolean; readonly decoratorVersion?: string };
  };
}

/** Whether .swcrc reads decorators, and the same ones as tsconfig. */
export function checkSwc(project: Project, { sample }: TypeScriptReading): Finding[] {
  const text = readText(project, '.swcrc');
  if (text === undefined) return [];
  let config: SwcConfig;
  try {
    config = JSON.parse(text) as SwcConfig;
  } catch (error) {
    return [warn(`.swcrc was not looked into, it is not plain JSON: ${(error as Error).message}`)];
  }
  const { parser, transform } = config.jsc ?? {};
  if (parser?.decorators !== true) {
    return [
      problem('.swcrc does not read decorators', '"jsc": { "parser": { "syntax": "typescript", "decorators": true } }'),
    ];
  }
  const dialect = transform?.legacyDecorator === true ? 'legacy' : 'standard';
  if (sample?.output !== undefined && sample.output !== 'untouched' && sample.output !== dialect) {
    return [
      warn(
        `.swcrc compiles ${dialect} decorators, tsconfig.json checks ${sample.output} ones`,
        'track-inference takes both, other decorators do not: "jsc.transform.legacyDecorator" is the same as "experimentalDecorators".',
      ),
    ];
  }
  const version = transform?.decoratorVersion;
  return [ok(`.swcrc: ${dialect} decorators${dialect === 'standard' && version ? `, ${version}` : ''}`)];
}
