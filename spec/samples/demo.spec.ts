import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { jest } from '@jest/globals';
import { readGatewayCounts } from '../../samples/gateway/traffic/gateway-counts.js';
import { until } from '../support/until.js';

jest.setTimeout(120_000);

const DEMO = new URL('../../samples/demo.ts', import.meta.url).pathname;
const children: ChildProcess[] = [];

function start(...args: string[]): { child: ChildProcess; output: () => string } {
  const child = spawn(process.execPath, ['--import', 'tsx', DEMO, ...args]);
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      output += text;
    });
  }
  return { child, output: () => output };
}

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

describe('npm run demo', () => {
  it('shows a page whose counts move, and ends with all it started on SIGINT', async () => {
    const { child, output } = start('--port', '0');
    const exited = once(child, 'exit');
    const url = await until('the address', () => /Live page: (\S+)/.exec(output())?.[1], 60_000, 50);
    expect(await (await fetch(url)).text()).toContain('Inference metrics, live');
    const total = async () => [...(await readGatewayCounts(url)).values()].reduce((sum, count) => sum + count, 0);
    const before = await until('a first request', total, 60_000, 50);
    await until('more of them', async () => (await total()) > before, 60_000, 50);
    child.kill('SIGINT');
    expect(await exited).toEqual([0, null]);
    expect(output()).toMatch(/SIGINT: .*\nstopped\n$/);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  it('says what to do when the port is taken or is none', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const taken = start('--port', String(port));
    const none = start('--port', 'http');
    expect(await Promise.all([once(taken.child, 'close'), once(none.child, 'close')])).toEqual([
      [1, null],
      [1, null],
    ]);
    other.close();
    expect(taken.output()).toContain('Choose another port: npm run demo -- --port 0');
    expect(none.output()).toMatch(/^--port http is not a whole number from 0 to 65535\./);
  });
});
