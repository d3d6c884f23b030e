import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { TrackInference } from 'track-inference';
import { type MiddlewareOptions, type NodeRequest, trackNode } from 'track-inference/middleware/node';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { completion, finish, role, text, usage } from '../support/chunks.js';
import { inFlight, only, outcome, requests } from '../support/readings.js';
import { until } from '../support/until.js';
import { events, hangUpAfter, opening, post, type Served, serve } from './support/served.js';

type Handler = (req: IncomingMessage & NodeRequest, res: ServerResponse) => unknown;

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

async function start(handler: Handler, options: MiddlewareOptions<NodeRequest> = {}): Promise<string> {
  const track = trackNode(options);
  server = await serve((req, res) => {
    track(req as IncomingMessage & NodeRequest, res, () => void handler(req as never, res));
  });
  return `${server.url}/v1/chat/completions`;
}

async function settled(): Promise<void> {
  await until('the request has settled', async () => (await requests(tracker)).length > 0);
}

const JSON_TYPE = { 'content-type': 'application/json' };
const SSE_TYPE = { 'content-type': 'text/event-stream' };
const ASKED = { model: 'asked-model', messages: [] };

describe('trackNode', () => {
  it('records a JSON answer with the model of the request, its tokens and its duration', async () => {
    const url = await start(async (req, res) => {
      await readText(req);
      tracker.clock.advance(2000);
      res.writeHead(200, JSON_TYPE).end(JSON.stringify(completion(100, 100)));
    });
    expect(await (await post(url, ASKED)).json()).toEqual(completion(100, 100));
    await settled();
    expect(await requests(tracker)).toEqual([
      { model: 'asked-model', endpoint_type: 'chat_completion', stream: false, status: 'success', count: 1 },
    ]);
    expect(await only(tracker, 'tokens_per_second')).toMatchObject({ sum: 100 });
    expect(await outcome(tracker)).toMatchObject({ seconds: 2, inFlight: 0 });
  });

  it('reads the tokens and the first output of a stream as it passes', async () => {
    const url = await start(async (req, res) => {
      await readText(req);
      res.writeHead(200, SSE_TYPE);
      res.write(opening(role));
      tracker.clock.advance(500);
      res.write(opening(text('a')));
      tracker.clock.advance(500);
      res.end(events(finish, usage(10, 20)));
    });
    const response = await post(url, { ...ASKED, stream: true });
    expect(await response.text()).toBe(events(role, text('a'), finish, usage(10, 20)));
    await settled();
    expect(await outcome(tracker)).toEqual({
      status: 'success',
      stream: true,
      seconds: 1,
      firstToken: 0.5,
      inFlight: 0,
    });
    expect(await only(tracker, 'tokens_per_second')).toMatchObject({ sum: 30 });
  });

  it('puts the model and the stream on the count in flight before the handler gets the body', async () => {
    let during: unknown;
    const url = await start(async (req, res) => {
      await readText(req);
      during = (await tracker.rows('concurrent_requests')).filter(({ value }) => value !== 0);
      res.writeHead(200, JSON_TYPE).end('{}');
    });
    await post(url, { ...ASKED, stream: true });
    expect(during).toMatchObject([{ attributes: { model: 'asked-model', stream: true }, value: 1 }]);
  });

  it.each([
    ['HTTP 429', (res: ServerResponse) => res.writeHead(429, JSON_TYPE).end('{}')],
    ['HTTP 500 by statusCode', (res: ServerResponse) => Object.assign(res, { statusCode: 500 }).end('x')],
    [
      'an error event in a stream',
      (res: ServerResponse) => res.writeHead(200, SSE_TYPE).end(events(text('a'), { error: { message: 'x' } })),
    ],
    ['a response destroyed midway', (res: ServerResponse) => midway(res, () => res.destroy())],
    ['a response destroyed with an error', (res: ServerResponse) => midway(res, () => res.destroy(new Error('x')))],
    ['a socket destroyed midway, as Express does', (res: ServerResponse) => midway(res, () => res.socket?.destroy())],
    ['a socket destroyed before any answer', (res: ServerResponse) => res.socket?.destroy()],
  ])('counts %s as an error', async (_, answer) => {
    const url = await start(async (req, res) => {
      await readText(req);
      answer(res);
    });
    await post(url, { ...ASKED, stream: true })
      .then((response) => response.text())
      .catch(() => undefined);
    await settled();
    expect(await outcome(tracker)).toMatchObject({ status: 'error', stream: true, inFlight: 0 });
  });

  it.each([
    ['a FIN', (socket: ReturnType<typeof connect>) => socket.destroy()],
    ['a reset', (socket: ReturnType<typeof connect>) => socket.resetAndDestroy()],
  ])('counts a client that leaves midway by %s as cancelled', async (_, leave) => {
    const url = await start(async (req, res) => {
      await readText(req);
      res.writeHead(200, SSE_TYPE).write(opening(text('a')));
    });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const body = JSON.stringify(ASKED);
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n${Object.entries(JSON_TYPE)[0]?.join(': ')}\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    socket.on('error', () => {});
    socket.once('data', () => leave(socket));
    await settled();
    expect(await outcome(tracker)).toMatchObject({ status: 'cancelled', stream: true, inFlight: 0 });
  });

  it('counts a client that leaves before any answer as cancelled', async () => {
    const controller = new AbortController();
    const url = await start(async (req) => {
      await readText(req);
      controller.abort();
    });
    await expect(post(url, ASKED, { signal: controller.signal })).rejects.toThrow();
    await settled();
    expect(await outcome(tracker)).toMatchObject({ status: 'cancelled', inFlight: 0 });
  });

  it('counts a client that leaves after the finishing chunk as success', async () => {
    const url = await start(async (req, res) => {
      await readText(req);
      res.writeHead(200, SSE_TYPE).write(opening(text('a'), finish));
    });
    const controller = new AbortController();
    const response = await post(url, ASKED, { signal: controller.signal });
    await hangUpAfter(2, response, controller);
    await settled();
    expect(await outcome(tracker)).toMatchObject({ status: 'success', inFlight: 0 });
  });

  it('lets a decorated method inside the handler join the request', async () => {
    class Router {
      @TrackInference({ endpointType: 'inner', provider: 'acme' })
      async chat(_params: object): Promise<object> {
        return completion(1, 2);
      }
    }
    const url = await start(async (req, res) => {
      const body = await readText(req);
      await new Promise((resolve) => setImmediate(resolve));
      res.writeHead(200, JSON_TYPE).end(JSON.stringify(await new Router().chat(JSON.parse(body))));
    });
    await post(url, ASKED);
    await settled();
    expect(await requests(tracker)).toMatchObject([
      { endpoint_type: 'chat_completion', provider: 'acme', model: 'asked-model', count: 1 },
    ]);
  });

  it.each([
    ['takes in what a handler begins after its client has left', true],
    ['lets what is begun after a complete answer be a request of its own', false],
  ])('%s', async (_, leaves) => {
    class Router {
      @TrackInference({ endpointType: 'inner' })
      async *chat(_params: object): AsyncGenerator<object> {
        yield text('a');
        yield finish;
      }
    }
    let isDone = false;
    const url = await start(async (req, res) => {
      const body = JSON.parse(await readText(req));
      if (!leaves) res.writeHead(200, JSON_TYPE).end(JSON.stringify(completion(1, 2)));
      await settled();
      for await (const _ of new Router().chat(body));
      isDone = true;
    });
    const controller = new AbortController();
    const answer = post(url, ASKED, { signal: controller.signal });
    if (leaves) {
      await until('it is in flight', async () => (await tracker.rows('concurrent_requests')).length > 1);
      controller.abort();
      await expect(answer).rejects.toThrow();
    }
    await until('the handler is done', () => isDone);
    const own = { endpoint_type: 'inner', stream: true, status: 'success', count: 1 };
    expect(await requests(tracker)).toMatchObject([
      { endpoint_type: 'chat_completion', status: leaves ? 'cancelled' : 'success', count: 1 },
      ...(leaves ? [] : [own]),
    ]);
    expect(await inFlight(tracker)).toBe(0);
  });

  it('counts a request once that passes through two of them', async () => {
    const [outer, inner] = [trackNode(), trackNode({ provider: 'acme' })];
    server = await serve((req, res) => {
      outer(req, res, () =>
        inner(req, res, () => {
          tracker.clock.advance(1000);
          res.writeHead(200, JSON_TYPE).end(JSON.stringify(completion(1, 2)));
        }),
      );
    });
    expect(await (await post(`${server.url}/v1/chat/completions`, ASKED)).json()).toEqual(completion(1, 2));
    await settled();
    expect(await requests(tracker)).toMatchObject([
      { endpoint_type: 'chat_completion', provider: 'acme', status: 'success', count: 1 },
    ]);
    expect(await only(tracker, 'tokens_per_second')).toMatchObject({ sum: 3 });
    expect(await inFlight(tracker)).toBe(0);
  });

  it('tells two trackers of one answer', async () => {
    const other = createTestTracker({ replaceDefault: false });
    const [outer, inner] = [trackNode({ tracker: other }), trackNode()];
    server = await serve((req, res) => {
      outer(req, res, () =>
        inner(req, res, async () => {
          await readText(req);
          res.writeHead(200, SSE_TYPE).end(events(text('a'), finish));
        }),
      );
    });
    await (await post(`${server.url}/v1/chat/completions`, ASKED)).text();
    await settled();
    for (const each of [tracker, other]) {
      expect(await requests(each)).toMatchObject([{ model: 'asked-model', stream: true, status: 'success', count: 1 }]);
      expect(await inFlight(each)).toBe(0);
    }
    await other.dispose();
  });

  it('leaves paths that are none of its routes alone, and other methods than POST', async () => {
    const url = await start((_, res) => res.end('ok'));
    await post(url.replace('chat/completions', 'models'), ASKED);
    await fetch(url);
    await post(`${url}/x`, ASKED);
    expect(await tracker.rows()).toEqual([]);
  });

  it('takes every request with an endpoint type of its own, and asks selectors for the rest', async () => {
    const url = await start((_, res) => res.writeHead(200, JSON_TYPE).end('{}'), {
      endpointType: ({ path }) => path.slice(1),
      model: ({ raw }) => raw.headers['x-model'] as string,
      provider: 'acme',
      attributes: ({ raw }) => ({ tenant: String(raw.headers['x-tenant']) }),
    });
    await fetch(new URL('/anything', url), { headers: { 'x-model': 'm', 'x-tenant': 't' } });
    await settled();
    expect(await requests(tracker)).toMatchObject([
      { endpoint_type: 'anything', model: 'm', provider: 'acme', tenant: 't', status: 'success' },
    ]);
  });

  it('does not track what is not enabled, in another tracked call either', async () => {
    const url = await start((_, res) => res.end('ok'), { enabled: ({ raw }) => raw.headers['x-probe'] === undefined });
    await post(url, ASKED, { headers: { 'x-probe': '1' } });
    expect(await tracker.rows()).toEqual([]);
  });

  it.each([
    [
      'bytes that split characters',
      (res: ServerResponse, body: Buffer) => [...body].forEach((byte) => void res.write(Buffer.from([byte]))),
    ],
    ['text in base64', (res: ServerResponse, body: Buffer) => void res.write(body.toString('base64'), 'base64')],
    ['text', (res: ServerResponse, body: Buffer) => void res.write(body.toString())],
    ['a Uint8Array', (res: ServerResponse, body: Buffer) => void res.write(new Uint8Array(body))],
  ])('reads an answer that is written as %s', async (_, write) => {
    const body = Buffer.from(`: keep-alive\r\n\r\n${events(text('é漢😀'), usage(3, 4)).replaceAll('\n', '\r\n')}`);
    const url = await start((_, res) => {
      res.setHeader('content-type', 'text/event-stream; charset=utf-8');
      write(res, body);
      res.end();
    });
    expect(Buffer.from(await (await post(url, ASKED)).arrayBuffer())).toEqual(body);
    tracker.clock.advance(1);
    await settled();
    expect(await outcome(tracker)).toMatchObject({ status: 'success', stream: true });
    expect((await tracker.rows('time_to_first_token_seconds')).length).toBe(1);
  });

  it.each([
    ['as an object', [200, { 'Content-Type': 'application/json' }]],
    ['after a message', [200, 'fine', { 'Content-Type': 'application/json' }]],
    ['as a flat list', [200, ['Content-Type', 'application/json']]],
  ])('sees headers passed to writeHead %s', async (_, head) => {
    const url = await start((_, res) => {
      tracker.clock.advance(1000);
      (res.writeHead as (...args: unknown[]) => ServerResponse)(...head).end(JSON.stringify(completion(1, 2)));
    });
    await post(url, ASKED);
    await settled();
    expect(await only(tracker, 'tokens_per_second')).toMatchObject({ sum: 3 });
  });

  it('reads NDJSON as a stream, whose lines come in any pieces', async () => {
    const counts = { prompt_eval_count: 5, eval_count: 7 };
    const lines = [
      { model: 'llama3', created_at: '', message: { role: 'assistant', content: 'é漢' }, done: false },
      { model: 'llama3', created_at: '', message: { role: 'assistant', content: '' }, done: true, ...counts },
    ];
    const body = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const url = await start((_, res) => {
      res.writeHead(200, { 'content-type': 'application/x-ndjson' });
      for (const byte of body) res.write(Buffer.from([byte]));
      tracker.clock.advance(1000);
      res.end();
    });
    const response = await post(url.replace('/v1/chat/completions', '/api/chat'), { model: 'llama3' });
    expect(Buffer.from(await response.arrayBuffer())).toEqual(body);
    await settled();
    expect(await outcome(tracker)).toMatchObject({ status: 'success', stream: true, firstToken: 0, inFlight: 0 });
    expect(await only(tracker, 'tokens_per_second')).toMatchObject({ sum: 12 });
  });

  it('passes compressed answers unread, and knows how they ended', async () => {
    const url = await start((_, res) => {
      tracker.clock.advance(1000);
      res.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }).end(gzipSync(JSON.stringify(completion(1, 2))));
    });
    expect(await (await post(url, { ...ASKED, stream: true })).json()).toEqual(completion(1, 2));
    await settled();
    expect(await outcome(tracker)).toEqual({ status: 'success', stream: false, seconds: 1, inFlight: 0 });
    expect(await tracker.rows('tokens_per_second')).toEqual([]);
  });

  it('reads plain bytes that another middleware compresses behind it', async () => {
    const url = await start((_, res) => {
      tracker.clock.advance(1000);
      res.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'br' }).end(JSON.stringify(completion(1, 2)));
    });
    const controller = new AbortController();
    // The bytes are no brotli, so this client does not get to the end of them.
    await post(url, ASKED, { signal: controller.signal });
    await settled();
    expect(await only(tracker, 'tokens_per_second')).toMatchObject({ sum: 3 });
    controller.abort();
  });

  it('passes JSON over the limit unread', async () => {
    const url = await start(
      (_, res) => {
        tracker.clock.advance(1000);
        res.writeHead(200, JSON_TYPE).end(JSON.stringify(completion(1, 2)));
      },
      { maxJsonLength: 20 },
    );
    await post(url, ASKED);
    await settled();
    expect(await tracker.rows('tokens_per_second')).toEqual([]);
    expect(await requests(tracker)).toMatchObject([{ status: 'success', stream: false }]);
  });

  it('counts a handler that throws as an error, and throws it on', async () => {
    const problem = new Error('x');
    const track = trackNode();
    const caught: unknown[] = [];
    server = await serve((req, res) => {
      try {
        track(req, res, () => {
          throw problem;
        });
      } catch (error) {
        caught.push(error);
        res.writeHead(500).end();
      }
    });
    await post(`${server.url}/v1/embeddings`, ASKED);
    expect(caught).toEqual([problem]);
    expect(await requests(tracker)).toMatchObject([{ endpoint_type: 'embeddings', status: 'error', count: 1 }]);
    expect(await inFlight(tracker)).toBe(0);
  });

  it('throws when it is made with options that are wrong', () => {
    expect(() => trackNode({ route: {} } as never)).toThrow('trackNode: unknown option "route"');
    expect(() => trackNode({ routes: { 'v1/x': 'x' } })).toThrow('map paths that begin with /');
    expect(() => trackNode({ routes: { '/v1/x': '' } })).toThrow('map paths that begin with /');
    expect(() => trackNode({ tracker: {} as never })).toThrow('createInferenceTracker');
    expect(() => trackNode({ maxJsonLength: Number.NaN })).toThrow('a number of characters');
    expect(() => trackNode({ provider: 7 as never })).toThrow('option "provider"');
    expect(() => trackNode(null as never)).toThrow('options must be an object');
  });
});

function midway(res: ServerResponse, then: () => void): void {
  res.writeHead(200, SSE_TYPE);
  res.write(opening(text('a')), then);
}
