import { createServer, type Server } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { sseResponse, trackFetch } from 'track-inference/middleware';
import { trackFastify } from 'track-inference/middleware/fastify';
import { trackKoa } from 'track-inference/middleware/koa';
import { hangUpSignal, sendSse, trackNode } from 'track-inference/middleware/node';
import { type ChatRouter, eventText } from './chat-source.js';
import { framework } from './frameworks.js';

/** One way in which a server sends the stream of a decorated method. */
export interface Way {
  readonly name: string;
  /** How a client that leaves is counted by the decorator alone; behind a middleware it is always cancelled. */
  readonly alone: 'cancelled' | 'success' | 'nothing';
  serve(router: ChatRouter, isTracked: boolean): Promise<Server>;
}

// biome-ignore lint/suspicious/noExplicitAny: frameworks' types are there only where they are installed.
type Any = any;

const SSE = { 'content-type': 'text/event-stream' };

async function loopThrough(res: Any, router: ChatRouter, goesOn: () => boolean): Promise<void> {
  res.writeHead(200, SSE);
  for await (const event of eventText(router.chat())) {
    if (!goesOn()) break;
    res.write(event);
  }
  res.end();
}

const NODE_WAYS: readonly [name: string, alone: Way['alone'], send: (res: Any, router: ChatRouter) => unknown][] = [
  ['for await, res.write', 'success', (res, router) => loopThrough(res, router, () => true)],
  [
    'for await, res.write, until res.destroyed',
    'cancelled',
    (res, router) => loopThrough(res, router, () => !res.destroyed),
  ],
  [
    'for await, res.write, until hangUpSignal',
    'cancelled',
    (res, router) => {
      const signal = hangUpSignal(res);
      return loopThrough(res, router, () => !signal.aborted);
    },
  ],
  [
    'Readable.from, pipe',
    'nothing',
    (res, router) => Readable.from(eventText(router.chat())).pipe(res.writeHead(200, SSE)),
  ],
  [
    'Readable.from, pipeline',
    'cancelled',
    (res, router) => pipeline(Readable.from(eventText(router.chat())), res.writeHead(200, SSE), () => {}),
  ],
  ['sendSse', 'cancelled', (res, router) => sendSse(res, router.chat())],
];

function expressWays(name: string): Way[] {
  return NODE_WAYS.map(([way, alone, send]) => ({
    name: `${name}: ${way}`,
    alone,
    async serve(router, isTracked) {
      const express = await framework(name);
      const app = express();
      app.use(express.json());
      if (isTracked) app.use(trackNode());
      app.post('/v1/chat/completions', (_: unknown, res: Any) => void send(res, router));
      return createServer(app);
    },
  }));
}

const plainWays: Way[] = NODE_WAYS.map(([way, alone, send]) => ({
  name: `node:http: ${way}`,
  alone,
  async serve(router, isTracked) {
    const track = isTracked ? trackNode() : (_: Any, __: Any, next: () => void) => next();
    return createServer((req, res) => void track(req, res, () => req.resume().on('end', () => void send(res, router))));
  },
}));

const FASTIFY_WAYS: readonly [name: string, alone: Way['alone'], send: (reply: Any, router: ChatRouter) => unknown][] =
  [
    [
      'reply.send(Readable)',
      'cancelled',
      (reply, router) => reply.headers(SSE).send(Readable.from(eventText(router.chat()))),
    ],
    [
      'reply.send(web stream)',
      'cancelled',
      (reply, router) => reply.headers(SSE).send(Readable.toWeb(Readable.from(eventText(router.chat())))),
    ],
    ['reply.send(sseResponse)', 'cancelled', (reply, router) => reply.send(sseResponse(router.chat()))],
    [
      'hijack, for await',
      'success',
      (reply, router) => {
        reply.hijack();
        return loopThrough(reply.raw, router, () => true);
      },
    ],
    ['sendSse', 'cancelled', (reply, router) => sendSse(reply, router.chat())],
  ];

const fastifyWays: Way[] = FASTIFY_WAYS.map(([way, alone, send]) => ({
  name: `fastify: ${way}`,
  alone,
  async serve(router, isTracked) {
    const app = (await framework('fastify'))({ forceCloseConnections: true });
    if (isTracked) await app.register(trackFastify);
    app.post('/v1/chat/completions', (_: unknown, reply: Any) => void send(reply, router));
    await app.listen({ port: 0, host: '127.0.0.1' });
    return app.server;
  },
}));

const KOA_WAYS: readonly [name: string, alone: Way['alone'], send: (ctx: Any, router: ChatRouter) => unknown][] = [
  [
    'ctx.body = Readable',
    'cancelled',
    (ctx, router) => {
      ctx.body = Readable.from(eventText(router.chat()));
    },
  ],
  [
    'ctx.body = web stream',
    'cancelled',
    (ctx, router) => {
      ctx.body = Readable.toWeb(Readable.from(eventText(router.chat())));
    },
  ],
  ['sendSse', 'cancelled', (ctx, router) => sendSse(ctx, router.chat())],
];

const koaWays: Way[] = KOA_WAYS.map(([way, alone, send]) => ({
  name: `koa: ${way}`,
  alone,
  async serve(router, isTracked) {
    const Koa = await framework('koa');
    const app = new Koa();
    app.silent = true;
    app.use((await framework('@koa/bodyparser')).bodyParser());
    if (isTracked) app.use(trackKoa());
    app.use(async (ctx: Any) => {
      ctx.type = 'text/event-stream';
      await send(ctx, router);
    });
    return createServer(app.callback());
  },
}));

const HONO_WAYS: readonly [
  name: string,
  alone: Way['alone'],
  send: (c: Any, router: ChatRouter, sse: Any) => unknown,
][] = [
  [
    'streamSSE, for await',
    'success',
    (c, router, streamSSE) =>
      streamSSE(c, async (stream: Any) => {
        for await (const chunk of router.chat()) await stream.writeSSE({ data: JSON.stringify(chunk) });
      }),
  ],
  [
    'streamSSE, until aborted',
    'cancelled',
    (c, router, streamSSE) =>
      streamSSE(c, async (stream: Any) => {
        for await (const chunk of router.chat()) {
          if (stream.aborted) break;
          await stream.writeSSE({ data: JSON.stringify(chunk) });
        }
      }),
  ],
  [
    'new Response(stream)',
    'cancelled',
    (_, router) => new Response(Readable.toWeb(Readable.from(eventText(router.chat()))) as BodyInit, { headers: SSE }),
  ],
  ['sseResponse', 'cancelled', (_, router) => sseResponse(router.chat())],
];

const honoWays: Way[] = HONO_WAYS.map(([way, alone, send]) => ({
  name: `hono: ${way}`,
  alone,
  async serve(router, isTracked) {
    const { Hono } = await framework('hono');
    const { streamSSE } = await framework('hono/streaming');
    const { createAdaptorServer } = await framework('@hono/node-server');
    const app = new Hono();
    app.post('/v1/chat/completions', async (c: Any) => {
      await c.req.json();
      return send(c, router, streamSSE);
    });
    return createAdaptorServer({ fetch: isTracked ? trackFetch(app.fetch) : app.fetch });
  },
}));

export const ways: readonly Way[] = [
  ...plainWays,
  ...expressWays('express'),
  ...expressWays('express-4'),
  ...fastifyWays,
  ...koaWays,
  ...honoWays,
];
