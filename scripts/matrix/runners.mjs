// Runs the sample of a user's test against the packed package in the test runners that people have: `npm run matrix:runners`.
// One file for all of them, samples/testing/router.test.ts, in which the import of the runner alone is replaced.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { installed, pack, unpack } from './packed.mjs';

const TOOLS = [
  'vitest@4.1.12',
  'vite@7',
  'jest@30.5.2',
  '@opentelemetry/api@1.9.1',
  '@opentelemetry/sdk-metrics@2.12.0',
  'eventsource-parser@3',
];

const home = installed(join(tmpdir(), 'track-inference-runners'), TOOLS);
unpack(pack(home), home);

/** Puts the sample in a folder of its own, for a runner, in a module system or as it is. */
function suite(folder, runner, module) {
  const at = join(home, folder);
  rmSync(at, { recursive: true, force: true });
  mkdirSync(at);
  for (const name of ['router', 'router.test']) {
    const code = readFileSync(`samples/testing/${name}.ts`, 'utf8').replace("'node:test'", `'${runner}'`);
    const compilerOptions = { module, target: ts.ScriptTarget.ES2022 };
    if (module === undefined) writeFileSync(join(at, `${name}.ts`), code);
    else writeFileSync(join(at, `${name}.js`), ts.transpileModule(code, { compilerOptions }).outputText);
  }
  const type = module === ts.ModuleKind.CommonJS ? 'commonjs' : 'module';
  writeFileSync(join(at, 'package.json'), `{ "type": "${type}", "jest": { "testEnvironment": "node" } }`);
  // Not every compiler of Vite's lowers standard decorators; all of them know the legacy ones.
  writeFileSync(
    join(at, 'tsconfig.json'),
    '{ "compilerOptions": { "target": "es2022", "experimentalDecorators": true } }',
  );
  return at;
}

const { CommonJS, ESNext } = ts.ModuleKind;
const jest = join(home, 'node_modules/jest/bin/jest.js');
const vitest = join(home, 'node_modules/vitest/vitest.mjs');
const runners = [
  ['node:test', suite('node-esm', 'node:test', ESNext), ['--expose-gc', '--test', 'router.test.js']],
  ['node:test, CommonJS', suite('node-cjs', 'node:test', CommonJS), ['--expose-gc', '--test', 'router.test.js']],
  ['Jest', suite('jest-cjs', '@jest/globals', CommonJS), ['--expose-gc', jest]],
  ['Jest, ESM', suite('jest-esm', '@jest/globals', ESNext), ['--expose-gc', '--experimental-vm-modules', jest]],
  ['Vitest', suite('vitest', 'vitest'), [vitest, 'run', '--pool=forks', '--execArgv=--expose-gc']],
  ['Vitest, in threads without gc()', suite('vitest-threads', 'vitest'), [vitest, 'run', '--pool=threads']],
];

let failed = 0;
for (const [name, cwd, command] of runners) {
  // A run inside another one of Node's would report to that.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd, env, encoding: 'utf8' });
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name}`);
  if (status === 0) continue;
  failed++;
  console.log(`${stdout}\n${stderr}`);
}
console.log(`${runners.length - failed} of ${runners.length} passed on Node ${process.versions.node}`);
process.exit(failed === 0 ? 0 : 1);
