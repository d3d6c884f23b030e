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
/** Those of what a method is and of what is in a configuration, not of the sample's surroundings. */
const COMPLAINT = /error (TS5\d{3}|TS6046|TS1219|TS1240|TS1241|TS18002): (.*)/g;

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
    const base = { extends: tsconfig, files: [sample], include: [], references: [] };
    const shown = run(tsc.file, folder, { ...base }, ['--showConfig']);
    const options = (parse(shown)?.['compilerOptions'] ?? {}) as Record<string, unknown>;
    const log = run(
      tsc.file,
      folder,
      { ...base, compilerOptions: { ...EMITTING, rootDir: folder, outDir: folder } },
      [],
    );
    const output = read(join(folder, 'sample.js'));
    return {
      version: tsc.version,
      output: output === undefined ? undefined : kindOf(output),
      emitsMetadata: output?.includes('design:paramtypes') ?? false,
      options,
      refersToOthers: refersToOthers(tsc.file, tsconfig),
      complaints: [...log.matchAll(COMPLAINT)].map(([, code, text]) => `${code}: ${text}`),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What would keep the sample's output away or put it elsewhere. */
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
  types: [],
};

function kindOf(output: string): CompiledSample['output'] {
  if (output.includes('__esDecorate')) return 'standard';
  return /^\s*@tracked/m.test(output) ? 'untouched' : 'legacy';
}

function refersToOthers(tsc: string, tsconfig: string): boolean {
  const { stdout } = spawnSync(process.execPath, [tsc, '--showConfig', '-p', tsconfig], { encoding: 'utf8' });
  const { references, files, include } = parse(stdout) ?? {};
  const isEmpty = (list: unknown) => !Array.isArray(list) || list.length === 0;
  return !isEmpty(references) && isEmpty(files) && isEmpty(include);
}

function run(tsc: string, folder: string, config: object, args: readonly string[]): string {
  const file = join(folder, 'tsconfig.json');
  writeFileSync(file, JSON.stringify(config));
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', file, '--pretty', 'false', ...args], { encoding: 'utf8' });
  return stdout;
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
