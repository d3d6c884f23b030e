import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';

declare const DIALECT: 'standard' | 'legacy';

interface Block {
  readonly where: string;
  readonly code: string;
}

/** The TypeScript blocks of a page, each under the line where it stands. */
function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  const lines = readFileSync(page, 'utf8').split('\n');
  for (let i = 0; i < lines.length; i++) {
    if (lines[i] !== '```ts') continue;
    const end = lines.indexOf('```', i);
    blocks.push({ where: `${page}:${i + 2}`, code: lines.slice(i + 1, end).join('\n') });
    i = end;
  }
  return blocks;
}

const docs = readdirSync('docs').filter((name) => name.endsWith('.md'));
const blocks = ['README.md', 'CONTRIBUTING.md', ...docs.map((name) => join('docs', name))].flatMap(blocksOf);

/** Compiles each block as a module of its own, beside the prelude; gives the complaints by block. */
function complaints(): Map<string, string[]> {
  const path = DIALECT === 'standard' ? 'tsconfig.json' : 'tsconfig.legacy.json';
  const { config } = ts.readConfigFile(path, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, resolve('.'));
  const files = new Map(
    blocks.map((block, i) => [resolve(`spec/docs/block-${i}.ts`), { ...block, code: `${block.code}\nexport {};` }]),
  );
  const host = ts.createCompilerHost({ ...options, noEmit: true });
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name)?.code ?? readFile(name);
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
