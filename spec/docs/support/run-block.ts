import ts from 'typescript';
import type { Block } from './pages.js';

declare const DIALECT: 'standard' | 'legacy';

/** What the blocks import. Loaded beforehand, since a block is run as a function. */
const MODULES: Readonly<Record<string, unknown>> = {
  '@opentelemetry/api': await import('@opentelemetry/api'),
  '@opentelemetry/sdk-metrics': await import('@opentelemetry/sdk-metrics'),
  'track-inference': await import('track-inference'),
  'track-inference/gen-ai': await import('track-inference/gen-ai'),
  'track-inference/middleware': await import('track-inference/middleware'),
  'track-inference/middleware/fastify': await import('track-inference/middleware/fastify'),
  'track-inference/middleware/koa': await import('track-inference/middleware/koa'),
  'track-inference/middleware/nest': await import('track-inference/middleware/nest'),
  'track-inference/middleware/node': await import('track-inference/middleware/node'),
  'track-inference/producer': await import('track-inference/producer'),
  'track-inference/start': await import('track-inference/start'),
  'track-inference/testing': await import('track-inference/testing'),
};

type Run = (...values: unknown[]) => Promise<void>;
const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as new (...parameters: string[]) => Run;

/**
 * Runs a block as it stands on the page, compiled in the dialect of this run, and gives what it declares.
 *
 * @param world what the prelude declares, by name
 */
export async function runBlock(block: Block, world: Readonly<Record<string, unknown>>): Promise<Declared> {
  const declared = declarations(block.code);
  const { outputText } = ts.transpileModule(`${block.code}\nexport { ${declared.join(', ')} };`, {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      experimentalDecorators: DIALECT === 'legacy',
    },
  });
  const given = Object.entries(world).filter(([name]) => !declared.includes(name));
  const run = new AsyncFunction('exports', 'require', ...given.map(([name]) => name), outputText);
  const exports: Declared = {};
  await run(exports, load, ...given.map(([, value]) => value));
  return exports;
}

// biome-ignore lint/suspicious/noExplicitAny: what a page declares is used as its reader would.
export type Declared = Record<string, any>;

function load(name: string): unknown {
  if (!Object.hasOwn(MODULES, name)) throw new Error(`spec/docs/support/run-block.ts does not load ${name}`);
  return MODULES[name];
}

/** The classes, functions and constants at the top of a block. */
function declarations(code: string): string[] {
  const { statements } = ts.createSourceFile('block.ts', code, ts.ScriptTarget.ES2022);
  return statements.flatMap((statement) => {
    if (ts.isClassDeclaration(statement) || ts.isFunctionDeclaration(statement)) return statement.name?.text ?? [];
    if (!ts.isVariableStatement(statement)) return [];
    return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? name.text : []));
  });
}
