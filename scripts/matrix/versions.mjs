// Tries the packed package on the versions that it is for: `npm run matrix`. TypeScript compiles an application in both
// dialects, and what comes out runs on each OpenTelemetry and each Node. Everything is installed from npm into a folder
// of its own, which is kept, so that a second run installs nothing twice.
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installed, pack, unpack } from './packed.mjs';

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
const tarball = pack(home);
const types = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages['node_modules/@types/node'].version;

function run(command, args, cwd) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  return { ok: status === 0, output: `${stdout}${stderr}`.trim() };
}

/** An application with one pair of OpenTelemetry's versions, and the package as it was packed just now. */
function application({ api, sdk }) {
  const folder = installed(join(home, `api-${api}-sdk-${sdk}`), [
    `@opentelemetry/api@${api}`,
    `@opentelemetry/sdk-metrics@${sdk}`,
    'eventsource-parser@3',
    `@types/node@${types}`,
  ]);
  unpack(tarball, folder);
  copyFileSync('scripts/matrix/versions/app.ts', join(folder, 'app.ts'));
  return folder;
}

function compilerOf(version) {
  return join(
    installed(join(home, `typescript-${version}`), [`typescript@${version}`]),
    'node_modules/typescript/bin/tsc',
  );
}

const nodes = new Map(
  NODES.map((version) => [
    version,
    join(installed(join(home, `node-${version}`), [`node@${version}`]), 'node_modules/node/bin/node'),
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
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['app.ts'] }));
      const compiled = run(process.execPath, [compiler, '-p', '.'], folder);
      const cells = NODES.map((node) => {
        if (!compiled.ok) return 'types';
        const { ok, output } = run(nodes.get(node), [join(outDir, 'app.js')], folder);
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
