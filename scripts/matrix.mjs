// Tries the packed package on the versions that it is for: `npm run matrix`. TypeScript compiles the consumer in both
// dialects, and what comes out runs on each OpenTelemetry and each Node. Everything is installed from npm into a folder
// of its own, which is kept, so that a second run installs nothing twice.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const TYPESCRIPTS = ['5.2.2', '5.4.5', '5.6.3', '5.9.3', '6.0.3', '7.0.2'];
const TELEMETRY = [
  { api: '1.9.1', sdk: '1.30.1' },
  { api: '1.9.1', sdk: '2.0.1' },
  { api: '1.9.1', sdk: '2.12.1' },
  { api: '1.10.0', sdk: '3.1.1' },
];
const NODES = ['20', '22', '24'];
const DIALECTS = { standard: {}, legacy: { experimentalDecorators: true, emitDecoratorMetadata: true } };

const home = join(tmpdir(), 'track-inference-matrix');
mkdirSync(home, { recursive: true });

function run(command, args, cwd) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  return { ok: status === 0, output: `${stdout}${stderr}`.trim() };
}

function must(what, { ok, output }) {
  if (ok) return output;
  console.error(`${what}\n${output}`);
  process.exit(1);
}

/** Installs packages into a folder of their own, unless they are there. */
function installed(name, packages) {
  const folder = join(home, name);
  if (existsSync(join(folder, 'node_modules/.package-lock.json'))) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  must(name, run('npm', ['install', '--no-audit', '--no-fund', '--no-save', ...packages], folder));
  return folder;
}

const packed = JSON.parse(
  must('npm pack', {
    ok: true,
    output: spawnSync('npm', ['pack', '--json', '--pack-destination', home], { encoding: 'utf8' }).stdout,
  }),
);
const tarball = join(home, packed[0].filename);
const types = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages['node_modules/@types/node'].version;

/** An application with one pair of OpenTelemetry's versions, and the package as it was packed just now. */
function application({ api, sdk }) {
  const name = `api-${api}-sdk-${sdk}`;
  const parser = 'eventsource-parser@3';
  const folder = installed(name, [
    `@opentelemetry/api@${api}`,
    `@opentelemetry/sdk-metrics@${sdk}`,
    parser,
    `@types/node@${types}`,
  ]);
  const target = join(folder, 'node_modules/track-inference');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target);
  must('tar', run('tar', ['-xzf', tarball, '--strip-components=1', '-C', target]));
  copyFileSync('scripts/matrix/consumer.ts', join(folder, 'consumer.ts'));
  return folder;
}

function compilerOf(version) {
  return join(installed(`typescript-${version}`, [`typescript@${version}`]), 'node_modules/typescript/bin/tsc');
}

const nodes = new Map(
  NODES.map((version) => [
    version,
    join(installed(`node-${version}`, [`node@${version}`]), 'node_modules/node/bin/node'),
  ]),
);

const failures = [];
console.log(['OpenTelemetry'.padEnd(24), 'TypeScript', 'dialect ', ...NODES.map((node) => `Node ${node}`)].join('  '));
for (const pair of TELEMETRY) {
  const folder = application(pair);
  for (const version of TYPESCRIPTS) {
    const compiler = compilerOf(version);
    for (const [dialect, options] of Object.entries(DIALECTS)) {
      const outDir = `out-${version}-${dialect}`;
      const compilerOptions = {
        target: 'ES2022',
        module: 'NodeNext',
        moduleResolution: 'NodeNext',
        strict: true,
        skipLibCheck: true,
        noEmitOnError: true,
        types: ['node'],
        outDir,
        rootDir: '.',
        ...options,
      };
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
      const compiled = run(process.execPath, [compiler, '-p', '.'], folder);
      const cells = NODES.map((node) => {
        if (!compiled.ok) return 'types';
        const { ok, output } = run(nodes.get(node), [join(outDir, 'consumer.js')], folder);
        if (!ok || output !== 'exact')
          failures.push(`Node ${node}, ${version} ${dialect}, sdk ${pair.sdk}:\n${output}`);
        return ok && output === 'exact' ? 'exact' : 'WRONG';
      });
      if (!compiled.ok) failures.push(`TypeScript ${version} ${dialect}, sdk ${pair.sdk}:\n${compiled.output}`);
      const telemetry = `api ${pair.api} sdk ${pair.sdk}`;
      console.log(
        [telemetry.padEnd(24), version.padEnd(10), dialect.padEnd(8), ...cells.map((cell) => cell.padEnd(7))].join(
          '  ',
        ),
      );
    }
  }
}
for (const failure of new Set(failures)) console.error(`\n${failure}`);
process.exit(failures.length === 0 ? 0 : 1);
