// A Next application whose route handler is tracked: built, served, and asked over HTTP.
import { deepStrictEqual } from 'node:assert';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI from 'openai';

/** A request takes a second of the clock that its metrics are read from. */
const ROUTE_HANDLER = `
import { sseResponse, trackFetch } from 'track-inference/middleware';

const usage = { prompt_tokens: 8, completion_tokens: 4, total_tokens: 12 };
const answer = (model, choice) => ({ object: 'chat.completion', model, choices: [{ index: 0, ...choice }], usage });
const chunk = (model, delta, finish_reason = null) => ({
  object: 'chat.completion.chunk',
  model,
  choices: [{ index: 0, delta, finish_reason }],
});

async function* chunks(model, isEndless) {
  for (let i = 0; isEndless || i < 3; i++) {
    yield chunk(model, { content: 'word' });
    if (i > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  yield chunk(model, {}, 'stop');
  yield { ...chunk(model, {}), choices: [], usage };
}

export const POST = trackFetch(async (request) => {
  const { model, stream } = await request.json();
  globalThis.inference.clock.advance(1000);
  if (stream) return sseResponse(chunks(model, model === 'endless'));
  return Response.json(answer(model, { message: { role: 'assistant', content: 'word' }, finish_reason: 'stop' }));
});
`;

const METRICS = `
export const dynamic = 'force-dynamic';
export const GET = async () => Response.json(await globalThis.inference.rows());
`;

const INSTRUMENTATION = `
export async function register() {
  const { createTestTracker } = await import('track-inference/testing');
  globalThis.inference = createTestTracker();
}
`;

const LAYOUT = 'export default ({ children }) => <html lang="en"><body>{children}</body></html>;\n';

const FILES = {
  'app/layout.jsx': LAYOUT,
  'app/v1/chat/completions/route.js': ROUTE_HANDLER,
  'app/metrics/route.js': METRICS,
  'instrumentation.js': INSTRUMENTATION,
};

/** Builds and serves the application in the current folder, where Next is installed, and checks all that it counts. */
export async function servesNext(require) {
  rmSync('.next', { recursive: true, force: true });
  rmSync('app', { recursive: true, force: true });
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const next = require.resolve('next/dist/bin/next');
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' };
  execFileSync(process.execPath, [next, 'build'], { env, encoding: 'utf8', stdio: 'pipe' });
  const server = spawn(process.execPath, [next, 'start', '-H', '127.0.0.1', '-p', '0'], { env, stdio: 'pipe' });
  try {
    await asks(await addressOf(server));
  } finally {
    server.kill();
  }
}

/** Where a server says that it listens. */
async function addressOf(server) {
  const said = [];
  for await (const line of createInterface(server.stdout)) {
    said.push(line);
    const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
    if (address !== undefined && !address.endsWith(':0')) return address;
  }
  throw new Error(said.join('\n'));
}

/** Asks a served route as the openai client does, and compares all that was counted. */
async function asks(url) {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 });
  const messages = [{ role: 'user', content: 'Talk' }];
  const completion = await client.chat.completions.create({ model: 'm', messages });
  deepStrictEqual(completion.choices[0].message.content, 'word');
  let words = 0;
  for await (const { choices } of await client.chat.completions.create({ model: 'm', messages, stream: true })) {
    if (choices[0]?.delta.content) words++;
  }
  deepStrictEqual(words, 3);
  let chunks = 0;
  for await (const _ of await client.chat.completions.create({ model: 'endless', messages, stream: true })) {
    if (++chunks === 2) break;
  }
  const rowsOf = async (name) =>
    (await (await fetch(`${url}/metrics`)).json())
      .filter((row) => row.name.endsWith(name) && (row.value ?? row.count) !== 0)
      .map(({ attributes: { model, stream, status }, value, count, sum }) => [
        model,
        stream,
        status,
        count ?? value,
        sum,
      ]);
  for (let left = 500; (await rowsOf('concurrent_requests')).length > 0; left--) {
    if (left === 0) throw new Error('the client that left is still counted as in flight');
    await sleep(10);
  }
  deepStrictEqual(
    (await rowsOf('requests_total')).map((row) => row.slice(0, 4)),
    [
      ['m', false, 'success', 1],
      ['m', true, 'success', 1],
      ['endless', true, 'cancelled', 1],
    ],
  );
  deepStrictEqual(await rowsOf('request_duration_seconds'), [
    ['m', false, 'success', 1, 1],
    ['m', true, 'success', 1, 1],
    ['endless', true, 'cancelled', 1, 1],
  ]);
  deepStrictEqual(await rowsOf('tokens_per_second'), [
    ['m', false, 'success', 1, 12],
    ['m', true, 'success', 1, 12],
  ]);
}
