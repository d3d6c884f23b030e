// Compiles and bundles the packed package with what applications use: `npm run matrix:consumers`. Everything is installed
// from npm into a folder of its own, which is kept. What the project's own tools can show, spec/package/packed.spec.ts does.
// A word after it runs the ways alone that contain it.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { servesNext } from './next.mjs';
import { installed, pack, unpack } from './packed.mjs';

const TOOLS = [
  'vite@8.3.8',
  'webpack@5.112.2',
  '@swc/core@1.16.22',
  '@babel/core@7.29.13',
  '@babel/plugin-proposal-decorators@7',
  '@babel/preset-typescript@7',
  '@opentelemetry/api@1.9.1',
  '@opentelemetry/sdk-metrics@2.12.0',
  'eventsource-parser@3',
  'next@16.4.6',
  'react@19',
  'react-dom@19',
];

const ROUTER = `
import { TrackInference } from 'track-inference';
class Router {
  @TrackInference({ endpointType: 'chat_completion' })
  chat(request: { model: string }) { return request.model; }
}
console.log(new Router().chat({ model: 'm' }));
`;

/** The settings of compilers that the page names, by the comment in front of each; those of tsc are for spec/docs. */
const documented = readFileSync('docs/decorators.md', 'utf8')
  .match(/^```jsonc\n([\s\S]*?)^```$/m)[1]
  .split(/^\/\/ /m)
  .slice(1)
  .map((part) => [part.slice(0, part.indexOf('\n')), JSON.parse(part.slice(part.indexOf('\n')))])
  .filter(([name]) => !name.startsWith('tsconfig'));

const home = installed(join(tmpdir(), 'track-inference-consumers'), TOOLS);
unpack(pack(home), home);

process.chdir(home);
const require = createRequire(join(home, 'package.json'));
let failed = 0;

/** Runs one way of using the package, and says in a line how it went. */
async function attempt(name, use) {
  if (!name.includes(process.argv[2] ?? '')) return;
  try {
    console.log(`ok     ${name}${(await use()) ?? ''}`);
  } catch (error) {
    failed++;
    console.log(`WRONG  ${name}: ${error.stderr || error.stdout || error.message}`);
  }
}

/** Runs a compiled router, which has to do what it did before it was decorated. */
function runs(code) {
  writeFileSync('router.mjs', code);
  const output = execFileSync(process.execPath, ['router.mjs'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  if (output !== 'm') throw new Error(`printed ${output}`);
}

/** A bundle of createMetricAttributes alone has no use for the extractors. */
function isShaken(code) {
  if (code.includes('openai.chat')) throw new Error('the extractors are in the bundle');
  return `, ${code.length} bytes`;
}

for (const version of ['2021-12', '2022-03', '2023-11', 'legacy']) {
  await attempt(`Babel, decorators ${version}`, () => {
    const plugins = [['@babel/plugin-proposal-decorators', { version }]];
    const presets = ['@babel/preset-typescript'];
    runs(
      require('@babel/core').transformSync(ROUTER, { filename: 'router.ts', configFile: false, presets, plugins }).code,
    );
  });
}
for (const [name, settings] of documented) {
  await attempt(`docs/decorators.md, ${name}`, () => {
    const isBabel = name.startsWith('babel');
    const options = isBabel ? { ...settings, filename: 'router.ts', configFile: false } : { ...settings, swcrc: false };
    runs(require(isBabel ? '@babel/core' : '@swc/core').transformSync(ROUTER, options).code);
  });
}

writeFileSync('shaken.js', `export { createMetricAttributes } from 'track-inference';\n`);
await attempt('Vite, tree-shaking', async () => {
  const { build } = await import(join(dirname(require.resolve('vite/package.json')), 'dist/node/index.js'));
  const library = { write: false, lib: { entry: 'shaken.js', formats: ['es'] } };
  const outputs = [await build({ configFile: false, logLevel: 'silent', build: library })].flat();
  return isShaken(outputs[0].output[0].code);
});
await attempt('webpack, tree-shaking', async () => {
  const output = { path: join(home, 'webpack'), filename: 'shaken.mjs', library: { type: 'module' } };
  const options = {
    mode: 'production',
    entry: './shaken.js',
    experiments: { outputModule: true },
    output,
    devtool: false,
  };
  const stats = await new Promise((resolve, reject) => {
    require('webpack')(options, (error, result) => (error ? reject(error) : resolve(result)));
  });
  if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString());
  return isShaken(readFileSync(join(output.path, output.filename), 'utf8'));
});

await attempt('Next.js, a route handler served', () => servesNext(require));
process.exit(failed === 0 ? 0 : 1);
