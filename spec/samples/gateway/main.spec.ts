import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import OpenAI from 'openai';
import { settingsFrom } from '../../../samples/gateway/settings.js';
import { until } from '../../support/until.js';

const MAIN = new URL('../../../samples/gateway/main.ts', import.meta.url).pathname;
const children: ChildProcess[] = [];

/** Runs the gateway in a process of its own. */
function start(env: NodeJS.ProcessEnv): Started {
  return run(spawn(process.execPath, ['--import', 'tsx', MAIN], { env: { ...process.env, ...env }, detached: true }));
}

interface Started {
  readonly child: ChildProcess;
  readonly output: () => string;
}

function run(child: ChildProcess): Started {
  children.push(child);
  let output = '';
  child.stdout?.on('data', (text) => {
    output += text;
  });
  child.stderr?.on('data', (text) => {
    output += text;
  });
  return { child, output: () => output };
}

// Whole groups: a shell's child outlives it.
afterAll(() => {
  for (const { pid = 0 } of children) {
    try {
      if (pid > 0) process.kill(-pid, 'SIGKILL');
    } catch {
      // Gone already, as it should be.
    }
  }
});

describe('npm start', () => {
  it('prints its address, and on SIGTERM finishes a stream before it exits with 0', async () => {
    const { child, output } = start({ PORT: '0' });
    const exited = once(child, 'exit');
    const url = await until('the address', () => /http:\S+/.exec(output())?.[0], 30_000);
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 });
    const stream = await client.chat.completions.create({
      model: 'local/markov',
      messages: [{ role: 'user', content: 'Hello' }],
      stream: true,
      max_tokens: 20,
    });
    let finished: string | null = null;
    for await (const { choices } of stream) {
      if (!child.killed) child.kill('SIGTERM');
      finished = choices[0]?.finish_reason ?? null;
    }
    expect(finished).toMatch(/^(stop|length)$/);
    expect(await exited).toEqual([0, null]);
    expect(output()).toMatch(/SIGTERM[\s\S]*stopped\n$/);
  });

  it('stops when the shell that npm puts before it is killed', async () => {
    const command = `"${process.execPath}" --import tsx "${MAIN}"; exit $?`;
    const env = { ...process.env, PORT: '0', npm_lifecycle_event: 'start' };
    const { child: shell, output } = run(spawn('sh', ['-c', command], { env, detached: true }));
    const url = await until('the address', () => /http:\S+/.exec(output())?.[0], 30_000);
    shell.kill('SIGTERM');
    await until('the gateway to be gone', async () => {
      const response = await fetch(`${url}/healthz`).catch(() => 'refused');
      return response === 'refused';
    });
    await until('its last word', () => output().endsWith('stopped\n'));
  });

  it('says which setting makes no sense', async () => {
    const { child, output } = start({ PORT: 'http' });
    const [exitCode] = await once(child, 'close');
    expect([exitCode, output()]).toEqual([1, 'PORT=http is not a number that fits; leave it out for 8080.\n']);
  });

  it('says what to do when the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const { child, output } = start({ PORT: String(port) });
    const [exitCode] = await once(child, 'close');
    other.close();
    expect(exitCode).toBe(1);
    expect(output()).toContain(`127.0.0.1:${port}`);
    expect(output()).toContain('PORT=');
  });
});

describe('settingsFrom', () => {
  it('has defaults for everything', () => {
    expect(settingsFrom({})).toEqual({ port: 8080, tokensPerSecond: 50 });
    expect(settingsFrom({ PORT: '', TOKENS_PER_SECOND: ' ' })).toEqual({ port: 8080, tokensPerSecond: 50 });
  });

  it('reads what is set', () => {
    expect(settingsFrom({ PORT: '0', TOKENS_PER_SECOND: '0', OPENAI_API_KEY: 'k' })).toEqual({
      port: 0,
      tokensPerSecond: 0,
      upstream: { apiKey: 'k' },
    });
    expect(settingsFrom({ OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' }).upstream).toEqual({
      baseURL: 'http://127.0.0.1:1/v1',
    });
  });

  it.each([
    { PORT: 'http' },
    { PORT: '70000' },
    { PORT: '80.5' },
    { TOKENS_PER_SECOND: '-1' },
    { TOKENS_PER_SECOND: 'x' },
  ])('refuses %o and names the variable', (env) => {
    const [name = '', value = ''] = Object.entries(env)[0] ?? [];
    expect(() => settingsFrom(env)).toThrow(`${name}=${value}`);
  });
});
