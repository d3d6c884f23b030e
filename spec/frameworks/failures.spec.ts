import { createServer, type Server } from 'node:http';
import { Readable } from 'node:stream';
import { sseResponse, trackFetch } from 'track-inference/middleware';
import { trackFastify } from 'track-inference/middleware/fastify';
import { trackKoa } from 'track-inference/middleware/koa';
import { sendSse, trackNode } from 'track-inference/middleware/node';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { listening, post, type Served } from '../middleware/support/served.js';
import { text } from '../support/chunks.js';
import { inFlight, requests } from '../support/readings.js';
import { until } from '../support/until.js';
import { eventText } from './support/chat-source.js';
import { describeFrameworks, framework } from './support/frameworks.js';

// biome-ignore lint/suspicious/noExplicitAny: frameworks' types are there only where they are installed.
type Any = any;

async function* failing(): AsyncGenerator<object> {
  yield text('one');
  yield text('two');
  await new Promise((resolve) => setImmediate(resolve));
  throw new Error('the provider failed');
}

const SSE = { 'content-type': 'text/event-stream' };
const PATH = '/v1/chat/completions';

async function loop(res: Any): Promise<void> {
  res.writeHead(200, SSE);
  for await (const event of eventText(failing())) res.write(event);
  res.end();
}

async function onExpress(send: (res: Any) => unknown): Promise<Server> {
  const express = await framework('express');
  const app = express();
  app.set('env', 'test');
  app.use(express.json(), trackNode());
  app.post(PATH, (_: unknown, res: Any) => send(res));
  return createServer(app);
}

async function onFastify(send: (reply: Any) => unknown): Promise<Server> {
  const app = (await framework('fastify'))({ forceCloseConnections: true });
  await app.register(trackFastify);
  app.post(PATH, (_: unknown, reply: Any) => send(reply));
  await app.ready();
  return app.server;
}

async function onKoa(send: (ctx: Any) => unknown): Promise<Server> {
  const app = new (await framework('koa'))();
  app.silent = true;
  app.use((await framework('@koa/bodyparser')).bodyParser());
  app.use(trackKoa());
  app.use(async (ctx: Any) => {
    ctx.type = 'text/event-stream';
    await send(ctx);
  });
  return createServer(app.callback());
}

async function onHono(): Promise<Server> {
  const { Hono } = await framework('hono');
  const { createAdaptorServer } = await framework('@hono/node-server');
  const app = new Hono();
  app.post(PATH, async (c: Any) => {
    await c.req.json();
    return sseResponse(failing());
  });
  return createAdaptorServer({ fetch: trackFetch(app.fetch) });
}

const servers: readonly [name: string, make: () => Promise<Server>][] = [
  ['Express, whose handler throws between writes', () => onExpress(loop)],
  ['Express by sendSse', () => onExpress((res) => sendSse(res, failing()))],
  [
    'Fastify by reply.send(Readable)',
    () => onFastify((reply) => reply.headers(SSE).send(Readable.from(eventText(failing())))),
  ],
  ['Fastify by sendSse', () => onFastify((reply) => sendSse(reply, failing()))],
  ['Koa by sendSse', () => onKoa((ctx) => sendSse(ctx, failing()))],
  ['Hono by sseResponse', onHono],
];

describeFrameworks('a provider that fails after two chunks', () => {
  let tracker: TestTracker;
  let served: Served;

  beforeEach(() => {
    tracker = createTestTracker();
  });

  afterEach(async () => {
    await served.close();
    await tracker.dispose();
  });

  it.each(servers)('is an error behind HTTP 200 on %s', async (_, make) => {
    served = await listening(await make());
    const response = await post(`${served.url}${PATH}`, { model: 'm', stream: true });
    expect(response.status).toBe(200);
    await response.text().catch(() => undefined);
    await until('the request has settled', async () => (await requests(tracker)).length > 0);
    expect(await requests(tracker)).toEqual([
      { model: 'm', endpoint_type: 'chat_completion', stream: true, status: 'error', count: 1 },
    ]);
    expect(await inFlight(tracker)).toBe(0);
  });

  // Koa leaves the connection open when a stream fails whose head is sent; what the client then does counts.
  it('is an error on Koa, too, where a Readable is the body', async () => {
    served = await listening(
      await onKoa((ctx) => {
        ctx.body = Readable.from(eventText(failing()));
      }),
    );
    const controller = new AbortController();
    const response = await post(`${served.url}${PATH}`, { model: 'm', stream: true }, { signal: controller.signal });
    const reader = response.body?.getReader();
    await reader?.read();
    setImmediate(() => controller.abort());
    await reader?.read().catch(() => undefined);
    await until('the request has settled', async () => (await requests(tracker)).length > 0);
    expect(await requests(tracker)).toMatchObject([{ status: 'error', count: 1 }]);
    expect(await inFlight(tracker)).toBe(0);
  });
});
