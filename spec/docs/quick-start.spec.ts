import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { blocksOf } from './support/pages.js';

declare const DIALECT: 'standard' | 'legacy';

const blocks = blocksOf('docs/quick-start.md');
const expected = blocks.find(({ language }) => language === 'text')?.code.split('\n');
/** The commands that start the application, once for each way of setting up telemetry. */
const commands = blocks.flatMap(({ language, code }) => (language === 'sh' && code.startsWith('npx tsx') ? code : []));

let folder: string;
let app: ChildProcess | undefined;
/** In the place of the page's own ports, which somebody else may use. */
let port: number;
let metricsPort: number;

beforeEach(async () => {
  [port, metricsPort] = [await freePort(), await freePort()];
  folder = mkdtempSync(join(tmpdir(), 'track-inference-quick-start-'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { target: 'ES2022', experimentalDecorators: DIALECT === 'legacy' } }),
  );
  for (const { language, file, code } of blocks) {
    if (language === 'ts')
      writeFileSync(
        join(folder, file as string),
        code.replace('8080', String(port)).replace("host: '127.0.0.1'", `$&, port: ${metricsPort}`),
      );
  }
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(resolve('.'), join(folder, 'node_modules/track-inference'));
  for (const name of ['@opentelemetry', 'tsx']) {
    symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name));
  }
});

afterEach(async () => {
  if (app !== undefined && app.exitCode === null) {
    const closed = once(app, 'close');
    app.kill();
    await closed;
  }
  rmSync(folder, { recursive: true, force: true });
});

it('has two ways of setting up telemetry', () => {
  expect(commands).toEqual(['npx tsx --import ./telemetry.ts app.ts', 'npx tsx --import ./own-sdk.ts app.ts']);
});

it.each(commands)('%s: Prometheus sees what the page says', async (command) => {
  const [, telemetry] = /--import (\S+)/.exec(command) as RegExpExecArray;
  app = spawn(process.execPath, ['--import', 'tsx', '--import', telemetry as string, 'app.ts'], {
    cwd: folder,
    env: { ...process.env, OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort), NODE_OPTIONS: '' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const origin = `http://127.0.0.1:${port}`;
  await answered(`${origin}/`);
  await (await fetch(`${origin}/stream`)).text();
  await leaveAfterTheFirstChunk(`${origin}/stream`);
  expect(await linesOnceSettled()).toEqual(expected);
});

/** The first request that is answered, and no other: the application may still be starting. */
async function answered(url: string): Promise<void> {
  for (;;) {
    if (app?.exitCode !== null) throw new Error(`the application has ended with ${app?.exitCode}`);
    try {
      await (await fetch(url)).text();
      return;
    } catch {
      await new Promise((done) => setTimeout(done, 50));
    }
  }
}

async function leaveAfterTheFirstChunk(url: string): Promise<void> {
  const controller = new AbortController();
  const { body } = await fetch(url, { signal: controller.signal });
  await body?.getReader().read();
  controller.abort();
}

/** The lines of the page once the client's leaving has come through. */
async function linesOnceSettled(): Promise<string[]> {
  for (;;) {
    const page = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    const lines = page.split('\n').filter((line) => /^llama_stack_inference_(requests_total|concurrent)/.test(line));
    if (lines.length >= (expected?.length ?? 0)) return lines;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (typeof address !== 'object' || address === null) throw new Error('no port is free');
  return address.port;
}
