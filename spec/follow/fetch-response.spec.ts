import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { completion, finish, text, usage } from '../support/chunks.js';
import { collectUntil } from '../support/collect-garbage.js';
import { outcome, requests } from '../support/readings.js';
import { openaiChat } from './wire/dialects.js';
import { Loopback } from './wire/loopback.js';

let server: Loopback;
let tracker: TestTracker;
beforeAll(async () => {
  server = await Loopback.start();
});
afterAll(() => server.stop());
beforeEach(() => {
  tracker = createTestTracker();
});
afterEach(() => tracker.dispose());

const hand = <R>(response: R): R => tracker.trackInference(() => response)();
const tokens = async () => (await tracker.rows('tokens_per_second')).map(({ sum }) => sum);
const counted = async () => (await tracker.rows('requests_total')).some(({ value }) => value !== 0);
const json = (body: object) => new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } });
const sse = [text('a'), finish, usage(10, 4)].map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('');
const events = (body: BodyInit = sse) => new Response(body, { headers: { 'content-type': 'text/event-stream' } });

describe('a fetch Response', () => {
  it('stays the same object, with where it came from', async () => {
    server.answer = { type: openaiChat.type, parts: openaiChat.stream, ending: 'end' };
    const fetched = await fetch(`${server.url}/v1`);
    const { body } = fetched;
    const response = hand(fetched);
    expect(response).toBe(fetched);
    expect(response.body).toBe(body);
    expect(response).toMatchObject({
      url: `${server.url}/v1`,
      type: 'basic',
      status: 200,
      redirected: false,
      ok: true,
    });
    expect(response.headers.get('x-request-id')).toBe('r1');
    expect(response.bodyUsed).toBe(false);
    await response.text();
  });

  it.each<[way: string, read: (response: Response) => Promise<unknown>]>([
    ['json()', (response) => response.json()],
    ['text()', async (response) => JSON.parse(await response.text())],
    ['arrayBuffer()', async (response) => JSON.parse(new TextDecoder().decode(await response.arrayBuffer()))],
    ['blob()', async (response) => JSON.parse(await (await response.blob()).text())],
    ['its body', async (response) => new Response(response.body).json()],
    ['a clone', async (response) => (await Promise.all([response.clone().json(), response.json()]))[0]],
    [
      'a transform',
      (response) => new Response((response.body as ReadableStream).pipeThrough(new TransformStream())).json(),
    ],
  ])('with JSON is no stream, and a success with its tokens when %s has been read', async (_, read) => {
    const response = hand(json(completion(10, 4)));
    tracker.clock.advance(2000);
    expect(await counted()).toBe(false);
    expect(await read(response)).toEqual(completion(10, 4));
    expect(await outcome(tracker)).toEqual({ status: 'success', stream: false, seconds: 2, inFlight: 0 });
    expect(await tokens()).toEqual([7]);
  });

  it.each<[way: string, read: (response: Response) => Promise<unknown>]>([
    ['text()', (response) => response.text()],
    ['its body', (response) => new Response(response.body).text()],
    ['a clone', async (response) => (await Promise.all([response.clone().text(), response.text()]))[0]],
  ])('with Server-Sent Events is a stream, and a success with its tokens when %s has been read', async (_, read) => {
    const response = hand(events());
    tracker.clock.advance(2000);
    expect(await read(response)).toBe(sse);
    expect(await outcome(tracker)).toEqual({ status: 'success', stream: true, seconds: 2, firstToken: 2, inFlight: 0 });
    expect(await tokens()).toEqual([7]);
  });

  it('with NDJSON is a stream', async () => {
    const body = `${JSON.stringify(text('a'))}\n${JSON.stringify(usage(10, 4))}\n`;
    const response = hand(new Response(body, { headers: { 'content-type': 'application/x-ndjson' } }));
    tracker.clock.advance(2000);
    expect(await response.text()).toBe(body);
    expect(await outcome(tracker)).toEqual({ status: 'success', stream: true, seconds: 2, firstToken: 2, inFlight: 0 });
    expect(await tokens()).toEqual([7]);
  });

  it('with another body lasts until that has been read, and is what the request says', async () => {
    const audio = tracker.trackInference(
      (_: { stream: boolean }) => new Response(new Uint8Array(9), { headers: { 'content-type': 'audio/mpeg' } }),
    )({ stream: true });
    tracker.clock.advance(2000);
    expect((await audio.arrayBuffer()).byteLength).toBe(9);
    expect(await outcome(tracker)).toEqual({ status: 'success', stream: true, seconds: 2, inFlight: 0 });
  });

  it.each([
    ['without a body', () => new Response(null, { status: 204 }), 'success'],
    ['that was refused', () => new Response('{"error":"no"}', { status: 429 }), 'error'],
    ['that was refused without a body', () => new Response(null, { status: 500 }), 'error'],
  ])('%s is settled at once', async (_, make, status) => {
    const response = make();
    expect(hand(response)).toBe(response);
    expect(await outcome(tracker)).toEqual({ status, stream: false, seconds: 0, inFlight: 0 });
    expect(response.bodyUsed).toBe(false);
  });

  it('whose body was read inside the method is settled at once', async () => {
    await tracker.trackInference(async () => {
      const response = json({});
      await response.text();
      return response;
    })();
    expect(await outcome(tracker)).toEqual({ status: 'success', stream: false, seconds: 0, inFlight: 0 });
  });

  it('is an error when its body fails', async () => {
    server.answer = { type: 'application/json', parts: ['{"a":'], ending: 'cut' };
    const response = hand(await fetch(server.url));
    await expect(response.json()).rejects.toThrow('terminated');
    expect(await outcome(tracker)).toEqual({ status: 'error', stream: false, seconds: 0, inFlight: 0 });
  });

  it('is a success though its JSON is broken or too long to be read', async () => {
    const broken = hand(new Response('{"half', { headers: { 'content-type': 'application/json' } }));
    await expect(broken.json()).rejects.toThrow();
    const long = hand(json({ text: 'x'.repeat(5 << 20), usage: { input_tokens: 1 } }));
    await long.text();
    expect(await requests(tracker)).toEqual([expect.objectContaining({ status: 'success', count: 2 })]);
    expect(await tokens()).toEqual([]);
  });

  it('is cancelled when its body is, and passes the reason on', async () => {
    const reasons: unknown[] = [];
    const body = new ReadableStream({ cancel: (reason) => void reasons.push(reason) });
    await hand(events(body)).body?.cancel('enough');
    expect(reasons).toEqual(['enough']);
    expect(await outcome(tracker)).toEqual({ status: 'cancelled', stream: true, seconds: 0, inFlight: 0 });
  });

  it('is cancelled when nobody reads it and nobody can reach it any more', async () => {
    server.answer = { type: 'application/json', parts: ['{}'], ending: 'end' };
    await (async () => void hand(await fetch(server.url)))();
    await collectUntil(counted);
    expect(await outcome(tracker)).toEqual({ status: 'cancelled', stream: false, seconds: 0, inFlight: 0 });
  });

  it('asks its source for nothing before it is read, and for one piece at a time then', async () => {
    let pulled = 0;
    const body = new ReadableStream(
      { pull: (controller) => controller.enqueue(new Uint8Array([pulled++])) },
      { highWaterMark: 0 },
    );
    const reader = (hand(events(body)).body as ReadableStream).getReader();
    await new Promise((resolve) => setImmediate(resolve));
    expect(pulled).toBe(0);
    await reader.read();
    await new Promise((resolve) => setImmediate(resolve));
    expect(pulled).toBe(1);
    await reader.cancel();
  });

  it('is made anew, with where it came from, where the runtime reads bodies by other ways than their methods', async () => {
    const undici = Object.getOwnPropertyDescriptor(process.versions, 'undici') as PropertyDescriptor;
    Object.defineProperty(process, 'versions', {
      value: { ...process.versions, undici: undefined },
      configurable: true,
    });
    try {
      server.answer = { type: openaiChat.type, parts: openaiChat.stream, ending: 'end' };
      const fetched = await fetch(`${server.url}/v1`);
      const response = hand(fetched);
      expect(response).not.toBe(fetched);
      expect(response).toBeInstanceOf(Response);
      expect(response).toMatchObject({ url: `${server.url}/v1`, type: 'basic', status: 200, redirected: false });
      expect(response.headers.get('x-request-id')).toBe('r1');
      tracker.clock.advance(2000);
      expect(await new Response(response.body).text()).toBe(openaiChat.stream.join(''));
      expect(await outcome(tracker)).toMatchObject({ status: 'success', stream: true, seconds: 2, inFlight: 0 });
      expect(await tokens()).toEqual([7]);
    } finally {
      Object.defineProperty(process, 'versions', {
        value: { ...process.versions, undici: undici.value },
        configurable: true,
      });
    }
  });

  it.each([
    [399, 'success'],
    [400, 'error'],
  ])('with status %d is a %s', async (status, expected) => {
    await hand(new Response(JSON.stringify(completion(10, 4)), { status })).text();
    expect(await outcome(tracker)).toMatchObject({ status: expected, inFlight: 0 });
  });
});
