import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { trackNode } from 'track-inference/middleware/node';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { text, usage } from '../support/chunks.js';
import { inFlight, requests } from '../support/readings.js';
import { until } from '../support/until.js';
import { events, opening, post, type Served, serve } from './support/served.js';

declare const gc: () => void;

const MIB = 1 << 20;
const SSE = { 'content-type': 'text/event-stream' };

let tracker: TestTracker;
let server: Served | undefined;

beforeEach(() => {
  tracker = createTestTracker();
});

afterEach(async () => {
  await server?.close();
  server = undefined;
  await tracker.dispose();
});

async function start(handler: (body: () => Promise<string>, res: ServerResponse) => unknown): Promise<string> {
  const track = trackNode();
  server = await serve((req, res) => void track(req, res, () => void handler(() => readText(req), res)));
  return `${server.url}/v1/chat/completions`;
}

async function settled(): Promise<object[]> {
  await until('the request has settled', async () => (await requests(tracker)).length > 0);
  expect(await inFlight(tracker)).toBe(0);
  return requests(tracker);
}

function heap(): number {
  gc();
  return process.memoryUsage().heapUsed;
}

describe('hostile input', () => {
  it.each(['{"model":', '[]', 'null', '"text"', '{"model":{"a":1},"stream":"yes"}', '\u0000'])(
    'leaves a body of %s to the handler',
    async (body) => {
      const url = await start(async (read, res) => res.end(await read()));
      expect(await (await post(url, body)).text()).toBe(body);
      expect(await settled()).toEqual([
        { endpoint_type: 'chat_completion', stream: false, status: 'success', count: 1 },
      ]);
    },
  );

  it('passes a body of 50 MB to the handler and keeps none of it', async () => {
    let length = 0;
    const url = await start(async (read, res) => {
      length = (await read()).length;
      res.end('{}');
    });
    const body = Buffer.from(`{"model":"m","prompt":"${'x'.repeat(50 * MIB)}"}`).toString();
    const before = heap();
    await (await post(url, body)).text();
    expect(length).toBe(body.length);
    expect(await settled()).toMatchObject([{ status: 'success', count: 1 }]);
    expect(heap() - before).toBeLessThan(8 * MIB);
  });

  it('passes an answer of 50 MB on and keeps none of it', async () => {
    const url = await start((_, res) => {
      res.writeHead(200, { 'content-type': 'application/json' });
      res.end(`{"text":"${'x'.repeat(50 * MIB)}"}`);
    });
    expect((await (await post(url, { model: 'm' })).arrayBuffer()).byteLength).toBe(50 * MIB + 11);
    expect(await settled()).toMatchObject([{ status: 'success', count: 1 }]);
    await until('it is let go', () => heap() < 400 * MIB);
  });

  it('counts a client that never finishes its body as cancelled once it goes', async () => {
    const url = await start(async (read, res) => res.end(await read().catch(() => '')));
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(
      'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{',
    );
    await until('it is in flight', async () => (await inFlight(tracker)) === 1);
    socket.destroy();
    expect(await settled()).toMatchObject([{ status: 'cancelled', count: 1 }]);
  });

  it('does not see a flood of headers, which the server refuses', async () => {
    const url = await start((_, res) => res.end('{}'));
    const headers = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`x-${i}`, 'y'.repeat(100)]));
    expect((await post(url, {}, { headers })).status).toBe(431);
    expect(await tracker.rows()).toEqual([]);
  });

  it('reads a million tiny events in memory that does not grow', async () => {
    const batch = opening(...Array.from({ length: 1000 }, () => ({ a: 1 })));
    let most = 0;
    const before = heap();
    const url = await start(async (_, res) => {
      res.writeHead(200, SSE);
      for (let i = 0; i < 1000; i++) {
        if (!res.write(batch)) await new Promise((resolve) => res.once('drain', resolve));
        if (i % 250 === 0) most = Math.max(most, heap() - before);
      }
      res.end(events(text('a'), usage(1, 2)));
    });
    let bytes = 0;
    for await (const chunk of (await post(url, { model: 'm' })).body as unknown as AsyncIterable<Uint8Array>) {
      bytes += chunk.byteLength;
    }
    expect(bytes).toBeGreaterThan(1000 * batch.length);
    expect(await settled()).toMatchObject([{ stream: true, status: 'success', count: 1 }]);
    expect(most).toBeLessThan(16 * MIB);
  });

  it('gives up an event that never ends, and goes on passing it', async () => {
    const piece = `data: ${'x'.repeat(64 << 10)}`;
    const before = heap();
    let most = 0;
    const url = await start(async (_, res) => {
      res.writeHead(200, SSE);
      for (let i = 0; i < 400; i++) {
        if (!res.write(i === 0 ? piece : piece.slice(6))) await new Promise((resolve) => res.once('drain', resolve));
        if (i % 100 === 99) most = Math.max(most, heap() - before);
      }
      res.end();
    });
    expect((await (await post(url, { model: 'm' })).arrayBuffer()).byteLength).toBe(400 * (piece.length - 6) + 6);
    expect(await settled()).toMatchObject([{ stream: true, count: 1 }]);
    expect(most).toBeLessThan(16 * MIB);
  });
});
