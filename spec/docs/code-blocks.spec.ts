import { resolve } from 'node:path';
import ts from 'typescript';
import { blocksIn, folderOf } from './support/pages.js';

declare const DIALECT: 'standard' | 'legacy';

const blocks = blocksIn('ts');

/** Compiles each block as a module of its own, beside the prelude; gives the complaints by block. */
function complaints(): Map<string, string[]> {
  const path = DIALECT === 'standard' ? 'tsconfig.json' : 'tsconfig.legacy.json';
  const { config } = ts.readConfigFile(path, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, resolve('.'));
  const files = new Map(
    blocks.map((block, i) => [
      resolve('spec/docs', folderOf(block), block.file ?? `block-${i}.ts`),
      { ...block, code: `${block.code}\nexport {};` },
    ]),
  );
  const folders = new Set(blocks.map((block) => resolve('spec/docs', folderOf(block))));
  const host = ts.createCompilerHost({ ...options, noEmit: true });
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name)?.code ?? readFile(name);
  host.directoryExists = (name) => folders.has(name) || ts.sys.directoryExists(name);
  host.getSourceFile = (name, version, ...rest) => {
    const block = files.get(name);
    return block ? ts.createSourceFile(name, block.code, version) : getSourceFile(name, version, ...rest);
  };
  const program = ts.createProgram(
    [resolve('spec/docs/prelude.d.ts'), ...files.keys()],
    { ...options, noEmit: true },
    host,
  );
  const found = new Map<string, string[]>();
  for (const [name, { where }] of files) {
    const source = program.getSourceFile(name);
    const diagnostics = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    found.set(
      where,
      diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
    );
  }
  return found;
}

describe('the code blocks of README and docs', () => {
  let found: Map<string, string[]>;
  beforeAll(() => {
    found = complaints();
  }, 120_000);

  it.each(blocks.map(({ where }) => where))('%s compiles', (where) => {
    expect(found.get(where)).toEqual([]);
  });
});
