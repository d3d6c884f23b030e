// Tries the packed package's trackFetch on runtimes that are not Node, under real HTTP: `npm run matrix:runtimes`, or
// `npm run matrix:runtimes -- Bun` for one. They come from npm into a folder of their own, with no install scripts run;
// `--keep` uses what is there. Prints one line a runtime.
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pack } from './packed.mjs';
import { check } from './runtimes/client.mjs';

const folder = resolve('node_modules/.cache/runtimes');
const packages = {
  '@deno/linux-x64-glibc': '2.9.6',
  '@opentelemetry/api': '1.9.1',
  '@opentelemetry/sdk-metrics': '2.12.0',
  '@oven/bun-linux-x64': '1.4.5',
  esbuild: '0.28.2',
  miniflare: '4.20260426.0',
};
const runtimes = {
  Bun: { command: ['node_modules/@oven/bun-linux-x64/bin/bun', 'bun.mjs'] },
  Deno: { command: ['node_modules/@deno/linux-x64-glibc/deno', 'run', '--allow-all', 'deno.mjs'] },
  // It runs nothing more once a client has left, and does not tell of every one that has.
  Workers: {
    command: [process.execPath, 'workers.mjs'],
    leftOut: ['left-before-an-answer', 'proxied-sse-left-midway', 'closed-sources'],
  },
};

const words = process.argv.slice(2);
const names = words.filter((word) => word in runtimes);
if (!words.includes('--keep')) install();

let failed = 0;
for (const name of names.length > 0 ? names : Object.keys(runtimes)) {
  const { command, leftOut } = runtimes[name];
  const [program, ...args] = command;
  const env = { ...process.env, DENO_DIR: join(folder, '.deno'), DENO_NO_UPDATE_CHECK: '1' };
  const server = spawn(resolve(folder, program), args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    const { url, version } = await started(server);
    const { count, failures } = await check(url, leftOut);
    console.log(`${name} ${version}: ${count} requests${failures.length === 0 ? ', counted right' : ''}`);
    for (const failure of failures) console.log(`  ${failure}`);
    failed += failures.length;
  } catch (error) {
    console.log(`${name}: ${error.message}`);
    failed++;
  } finally {
    server.kill();
  }
}
process.exit(failed === 0 ? 0 : 1);

function install() {
  const dependencies = { ...packages, 'track-inference': `file:${pack(folder)}` };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }));
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  execFileSync('npm', ['install', ...flags], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  for (const file of readdirSync('scripts/matrix/runtimes'))
    copyFileSync(join('scripts/matrix/runtimes', file), join(folder, file));
}

/** The line in which the server says where it is. */
function started(server) {
  return new Promise((resolve, reject) => {
    let printed = '';
    let complaints = '';
    server.stderr.on('data', (text) => {
      complaints += text;
    });
    server.stdout.on('data', (text) => {
      printed += text;
      const line = printed.split('\n').find((one) => one.startsWith('{') && one.endsWith('}'));
      if (line !== undefined) resolve(JSON.parse(line));
    });
    server.on('error', reject);
    server.on('exit', () => reject(new Error(complaints)));
  });
}
