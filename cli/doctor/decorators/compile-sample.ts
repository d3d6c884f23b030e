import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Project, readManifest } from '../project.js';

/** What the project's own TypeScript makes of a decorated method. */
export interface CompiledSample {
  readonly version: string;
  /** Undefined: nothing came out. */
  readonly output: 'legacy' | 'standard' | 'untouched' | undefined;
  readonly emitsMetadata: boolean;
  /** The options with `extends` followed, as `tsc --showConfig` tells them. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The configuration compiles nothing itself, and points to others. */
  readonly refersToOthers: boolean;
  /** What it says about the options themselves. */
  readonly complaints: readonly string[];
}

const SAMPLE = `function tracked(...args: any[]): any {}
class Router { @tracked chat(request: string) { return request; } }
new Router();
`;
/** About options, not about what the sample lacks. */
const COMPLAINT = /error (TS5\d{3}|TS6046|TS1219): (.*)/g;

/**
 * Compiles a sample under a tsconfig with the project's TypeScript; undefined where none is installed.
 *
 * Compiling it is exact for every version of TypeScript, its defaults and what one option implies for another.
 */
export function compileSample(project: Project, tsconfig: string): CompiledSample | undefined {
  const tsc = findTsc(project);
  if (tsc === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'track-inference-'));
  try {
    const sample = join(folder, 'sample.ts');
    writeFileSync(sample, SAMPLE);
    // Without it the sample would be taken for what the temporary folder's surroundings say.
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    const config = join(folder, 'tsconfig.json');
    const compilerOptions = { ...EMITTING, rootDir: folder, outDir: folder };
    writeFileSync(config, JSON.stringify({ extends: tsconfig, files: [sample], include: [], compilerOptions }));
    const log = run(tsc.file, config);
    const shown = parse(run(tsc.file, tsconfig, '--showConfig')) ?? {};
    const output = read(join(folder, 'sample.js'));
    return {
      version: tsc.version,
      output: output === undefined ? undefined : kindOf(output),
      emitsMetadata: output?.includes('design:paramtypes') ?? false,
      options: (shown['compilerOptions'] ?? {}) as Record<string, unknown>,
      refersToOthers: refersToOthers(shown),
      complaints: [...log.matchAll(COMPLAINT)].map(([, code, text]) => `${code}: ${text}`),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Undoes what would keep the sample's output away or put it elsewhere. */
const EMITTING = {
  noEmit: false,
  noEmitOnError: false,
  emitDeclarationOnly: false,
  allowImportingTsExtensions: false,
  composite: false,
  incremental: false,
  declaration: false,
  declarationMap: false,
  declarationDir: null,
  isolatedDeclarations: false,
  outFile: null,
  tsBuildInfoFile: null,
  // What is global is of no matter to how a decorator is compiled, and takes most of the time.
  types: [],
  lib: null,
  noLib: true,
};

function kindOf(output: string): CompiledSample['output'] {
  if (output.includes('__esDecorate')) return 'standard';
  return /^\s*@tracked/m.test(output) ? 'untouched' : 'legacy';
}

function refersToOthers({ references, files, include }: Record<string, unknown>): boolean {
  const isEmpty = (list: unknown) => !Array.isArray(list) || list.length === 0;
  return !isEmpty(references) && isEmpty(files) && isEmpty(include);
}

function run(tsc: string, config: string, ...args: string[]): string {
  return spawnSync(process.execPath, [tsc, '-p', config, '--pretty', 'false', ...args], { encoding: 'utf8' }).stdout;
}

function findTsc(project: Project): { file: string; version: string } | undefined {
  try {
    const dir = dirname(createRequire(join(project.dir, 'package.json')).resolve('typescript/package.json'));
    const { version = '', bin } = readManifest(dir);
    const file = typeof bin === 'object' ? bin['tsc'] : undefined;
    return file === undefined ? undefined : { file: join(dir, file), version };
  } catch {
    return undefined;
  }
}

function parse(json: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(json) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
