import type { RequestListener, Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { sseResponse, trackFetch } from 'track-inference/middleware';
import { trackNode } from 'track-inference/middleware/node';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { completion, finish, text, usage } from '../support/chunks.js';
import { inFlight, only, outcome, requests } from '../support/readings.js';
import { until } from '../support/until.js';
import { events, hangUpAfter, listening, post, type Served } from './support/served.js';

type Fetch = (request: Request, ...rest: unknown[]) => Response | Promise<Response>;

const CHAT = '/v1/chat/completions';
const ASKED = { model: 'asked-model', stream: true };

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

async function serveFetch(fetch: Fetch): Promise<string> {
  server = await listening(createAdaptorServer({ fetch: fetch as never }) as Server);
  return `${server.url}${CHAT}`;
}

async function settled(): Promise<void> {
  await until('the request has settled', async () => (await requests(tracker)).length > 0);
}

/** Whether anybody has asked a response for its body, which takes this server off its fast path. */
function watched(response: Response): { response: Response; wasAsked: () => boolean } {
  let asked = false;
  const body = () => {
    asked = true;
    return null;
  };
  return { response: Object.defineProperty(response, 'body', { get: body }), wasAsked: () => asked };
}

describe('trackFetch on @hono/node-server', () => {
  it('reads an answer as it is written, and leaves the Response alone', async () => {
    let wasAsked = () => true;
    const url = await serveFetch(
      trackFetch(async (request: Request) => {
        expect(await request.json()).toEqual(ASKED);
        tracker.clock.advance(1000);
        const seen = watched(Response.json(completion(1, 2)));
        wasAsked = seen.wasAsked;
        return seen.response;
      }),
    );
    expect(await (await post(url, ASKED)).json()).toEqual(completion(1, 2));
    await settled();
    expect(await requests(tracker)).toEqual([
      { model: 'asked-model', endpoint_type: 'chat_completion', stream: false, status: 'success', count: 1 },
    ]);
    expect(await only(tracker, 'tokens_per_second')).toMatchObject({ sum: 3 });
    expect(wasAsked()).toBe(false);
  });

  it('reads a stream, and sees who leaves it', async () => {
    const app = new Hono();
    let isLast = false;
    app.post(CHAT, async (c) => {
      await c.req.json();
      return sseResponse(stream(isLast)) as Response;
    });
    const url = await serveFetch(trackFetch(app.fetch as Fetch));
    expect(await (await post(url, ASKED)).text()).toBe(events(text('a'), text('b'), finish, usage(1, 2)));
    await settled();
    expect(await outcome(tracker)).toMatchObject({ status: 'success', stream: true, inFlight: 0 });
    isLast = true;
    const controller = new AbortController();
    await hangUpAfter(2, await post(url, ASKED, { signal: controller.signal }), controller);
    await until('both have settled', async () => (await requests(tracker)).length === 2);
    expect(await requests(tracker)).toMatchObject([{ status: 'success' }, { status: 'cancelled', count: 1 }]);
    expect(await inFlight(tracker)).toBe(0);
  });

  it.each<[string, Fetch, number]>([
    ['throws', () => Promise.reject(new Error('x')), 500],
    ['answers with a status', () => new Response('no', { status: 503 }), 503],
  ])('counts a handler that %s as an error', async (_, answer, status) => {
    const url = await serveFetch(trackFetch(answer));
    expect((await post(url, ASKED)).status).toBe(status);
    await settled();
    expect(await outcome(tracker)).toMatchObject({ status: 'error', inFlight: 0 });
  });

  it('counts a client that leaves before any answer as cancelled, at once', async () => {
    const controller = new AbortController();
    const url = await serveFetch(
      trackFetch(async (request: Request) => {
        await request.json();
        controller.abort();
        return new Promise<Response>(() => {});
      }),
    );
    await expect(post(url, ASKED, { signal: controller.signal })).rejects.toThrow();
    await settled();
    expect(await requests(tracker)).toMatchObject([{ model: 'asked-model', status: 'cancelled', count: 1 }]);
  });

  it.each(['{"model":', '[]', 'null', '\u0000'])('leaves a body of %s to the handler', async (body) => {
    const url = await serveFetch(trackFetch(async (request: Request) => new Response(await request.text())));
    expect(await (await post(url, body)).text()).toBe(body);
    await settled();
    expect(await requests(tracker)).toEqual([
      { endpoint_type: 'chat_completion', stream: false, status: 'success', count: 1 },
    ]);
  });

  it('passes 50 MB in and out and reads neither', async () => {
    const url = await serveFetch(
      trackFetch(async (request: Request) => {
        const body = await request.text();
        return new Response(body, { headers: { 'content-type': 'application/json' } });
      }),
    );
    const body = `{"model":"m","text":"${'x'.repeat(50 << 20)}"}`;
    expect((await (await post(url, body)).text()).length).toBe(body.length);
    await settled();
    expect(await requests(tracker)).toEqual([
      { endpoint_type: 'chat_completion', stream: false, status: 'success', count: 1 },
    ]);
  });

  it('passes on what is not enabled', async () => {
    const url = await serveFetch(trackFetch(() => new Response('ok'), { enabled: () => false }));
    expect(await (await post(url, ASKED)).text()).toBe('ok');
    expect(await tracker.rows()).toEqual([]);
  });

  it('counts the requests of a batch, each by its own answer', async () => {
    const handle = trackFetch(async (request: Request, _env: unknown) => {
      const { model } = (await request.json()) as { model: string };
      return model === 'a' ? Response.json(completion(1, 2)) : new Response('no', { status: 429 });
    });
    const url = await serveFetch(async (batch, env) => {
      const bodies = (await batch.json()) as object[];
      const answers = bodies.map(async (body) => {
        const request = new Request(batch.url, { method: 'POST', body: JSON.stringify(body), headers: batch.headers });
        return (await handle(request, env)).text();
      });
      return Response.json(await Promise.all(answers));
    });
    await (await post(url, [{ model: 'a' }, { model: 'b' }, { model: 'a' }])).text();
    const counted = await requests(tracker);
    expect(counted).toHaveLength(2);
    expect(counted).toContainEqual(expect.objectContaining({ model: 'a', status: 'success', count: 2 }));
    expect(counted).toContainEqual(expect.objectContaining({ model: 'b', status: 'error', count: 1 }));
    expect(await inFlight(tracker)).toBe(0);
  });

  it('counts a request once that passes through trackNode too', async () => {
    const listener = createAdaptorServer({
      fetch: trackFetch(async (request: Request) => {
        await request.json();
        return Response.json(completion(1, 2));
      }),
    }) as Server;
    const [answer] = listener.listeners('request') as [RequestListener];
    const track = trackNode({ provider: 'acme' });
    listener.removeAllListeners('request').on('request', (req, res) => void track(req, res, () => answer(req, res)));
    server = await listening(listener);
    await (await post(`${server.url}${CHAT}`, ASKED)).text();
    await settled();
    expect(await requests(tracker)).toMatchObject([
      { model: 'asked-model', provider: 'acme', status: 'success', count: 1 },
    ]);
    expect(await inFlight(tracker)).toBe(0);
  });
});

async function* stream(isLast: boolean): AsyncGenerator<object> {
  yield text('a');
  yield text('b');
  if (isLast) await new Promise(() => {});
  yield finish;
  yield usage(1, 2);
}
