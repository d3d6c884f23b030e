import { Readable } from 'node:stream';
import OpenAI from 'openai';
import { Stream } from 'openai/core/streaming';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { text, usage } from '../support/chunks.js';
import { collectUntil } from '../support/collect-garbage.js';
import { inFlight, requests } from '../support/readings.js';
import { openaiChat } from './wire/dialects.js';
import { Loopback } from './wire/loopback.js';

let tracker: TestTracker;
beforeEach(() => {
  tracker = createTestTracker();
});
afterEach(() => tracker.dispose());

const chunks = [text('a'), text('b'), usage(10, 4)];
async function* generate(): AsyncGenerator<object, void, undefined> {
  yield* chunks;
}

class HandMade {
  [Symbol.asyncIterator]() {
    return generate();
  }
}

const kinds: Record<string, () => unknown> = {
  'async generator': generate,
  'async iterable': () => new HandMade(),
  'SDK Stream': () => new Stream(generate, new AbortController()),
  'web ReadableStream': () => Readable.toWeb(Readable.from(generate())),
  'Node Readable': () => Readable.from(generate()),
  'fetch Response': () =>
    new Response(chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join(''), {
      headers: { 'content-type': 'text/event-stream' },
    }),
  carrier: () => ({ stream: new HandMade() }),
  promise: async () => generate(),
  thenable: () => Object.assign(Promise.resolve(generate()), { id: 1 }),
};

async function read(source: unknown): Promise<number> {
  const resolved = (await source) as { body?: unknown; stream?: unknown };
  let items = 0;
  for await (const _ of (resolved.body ?? resolved.stream ?? resolved) as AsyncIterable<unknown>) items++;
  return items;
}

const endpoints = async () =>
  (await requests(tracker)).map((row) => [
    (row as { endpoint_type: string }).endpoint_type,
    (row as { count: number }).count,
  ]);
const tokens = async () => (await tracker.rows('tokens_per_second')).map(({ sum }) => sum);

describe.each(Object.entries(kinds))('a %s', (_, make) => {
  const inner = () => tracker.trackInference(() => make(), { endpointType: 'inner', provider: 'p' });

  it('that one tracked method gets from another is one request', async () => {
    const adapter = inner();
    const router = tracker.trackInference(() => adapter(), { endpointType: 'outer' });
    const returned = router();
    tracker.clock.advance(1000);
    await read(returned);
    expect(await endpoints()).toEqual([['outer', 1]]);
    expect(await requests(tracker)).toEqual([
      expect.objectContaining({ provider: 'p', status: 'success', stream: true }),
    ]);
    expect(await tokens()).toEqual([14]);
    expect(await inFlight(tracker)).toBe(0);
  });

  it('that is passed through a second tracked method after the first is one request, the first', async () => {
    const first = inner();
    const relay = tracker.trackInference((stream: unknown) => stream, { endpointType: 'relay' });
    const stream = first();
    const relayed = relay(stream);
    expect(await inFlight(tracker)).toBe(1);
    tracker.clock.advance(1000);
    await read(relayed);
    expect(await endpoints()).toEqual([['inner', 1]]);
    expect(await tokens()).toEqual([14]);
    expect(await inFlight(tracker)).toBe(0);
  });

  it('that is passed through methods of two trackers is a request of each', async () => {
    const other = createTestTracker({ replaceDefault: false });
    const first = inner();
    const relay = other.trackInference((stream: unknown) => stream);
    await read(relay(first()));
    expect(await endpoints()).toEqual([['inner', 1]]);
    expect(await requests(other)).toEqual([expect.objectContaining({ status: 'success', stream: true, count: 1 })]);
    await other.dispose();
  });

  it('that a method tracked separately gets is a request of its own', async () => {
    const relay = tracker.trackInference((stream: unknown) => stream, { endpointType: 'relay', nested: 'separate' });
    await read(relay(inner()()));
    expect(await endpoints()).toEqual([
      ['inner', 1],
      ['relay', 1],
    ]);
    expect(await inFlight(tracker)).toBe(0);
  });

  it('is counted after the instance that returned it is gone', async () => {
    class Router {
      chat = inner();
    }
    let isGone = false;
    const registry = new FinalizationRegistry(() => {
      isGone = true;
    });
    // In a function of its own, so that nothing of the instance stays on the stack.
    const returned = (() => {
      const router = new Router();
      registry.register(router, undefined);
      return { it: router.chat() };
    })();
    await collectUntil(() => isGone);
    await read(returned.it);
    expect(await endpoints()).toEqual([['inner', 1]]);
    expect(await inFlight(tracker)).toBe(0);
  });
});

describe('one object that a method returns again and again', () => {
  it('is a request each time it is read anew, where it can be', async () => {
    const kept = new HandMade();
    const call = tracker.trackInference(() => kept, { endpointType: 'kept' });
    for (let i = 0; i < 1000; i++) expect(await read(call())).toBe(3);
    expect(await endpoints()).toEqual([['kept', 1000]]);
    expect(await inFlight(tracker)).toBe(0);
  });

  it('is one request while the first is not over: its second pass is handed through', async () => {
    const kept = new HandMade();
    const call = tracker.trackInference(() => kept, { endpointType: 'kept' });
    const [one, two] = [call(), call()];
    expect(await Promise.all([read(one), read(two)])).toEqual([3, 3]);
    expect(await endpoints()).toEqual([['kept', 1]]);
    expect(await inFlight(tracker)).toBe(0);
  });

  it('is a request each time if it is a promise of a value', async () => {
    const kept = Object.assign(Promise.resolve({ answer: 42 }), { id: 1 });
    const call = tracker.trackInference(() => kept, { endpointType: 'kept' });
    for (let i = 0; i < 1000; i++) expect(await call()).toEqual({ answer: 42 });
    expect(await endpoints()).toEqual([['kept', 1000]]);
    expect(await inFlight(tracker)).toBe(0);
  });
});

describe("an SDK's promise", () => {
  it('that one tracked method gets from another is one request', async () => {
    const server = await Loopback.start();
    server.answer = { type: openaiChat.type, parts: openaiChat.stream, ending: 'end' };
    const client = new OpenAI({ apiKey: 'k', maxRetries: 0, baseURL: server.url });
    const adapter = tracker.trackInference(
      () => client.chat.completions.create({ model: 'm', messages: [], stream: true }),
      { endpointType: 'inner', provider: 'p' },
    );
    const router = tracker.trackInference(() => adapter(), { endpointType: 'outer' });
    const { data, response } = await router().withResponse();
    expect(response.status).toBe(200);
    tracker.clock.advance(1000);
    await read(data);
    expect(await endpoints()).toEqual([['outer', 1]]);
    expect(await tokens()).toEqual([14]);
    expect(await inFlight(tracker)).toBe(0);
    await server.stop();
  });
});

it('a consumer that stops reading for long keeps its request in flight, and what it reads after that counts', async () => {
  const call = tracker.trackInference(() => new HandMade(), { endpointType: 'slow' });
  const iterator = call()[Symbol.asyncIterator]();
  await iterator.next();
  tracker.clock.advance(86_400_000);
  expect(await inFlight(tracker)).toBe(1);
  while (!(await iterator.next()).done);
  expect(await endpoints()).toEqual([['slow', 1]]);
  expect((await tracker.rows('request_duration_seconds')).map(({ sum }) => sum)).toEqual([86_400]);
});
