import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { sseResponse, trackFetch } from 'track-inference/middleware';
import { trackFastify } from 'track-inference/middleware/fastify';
import { trackNode } from 'track-inference/middleware/node';
import type { Operation } from '../measure.js';
import type { Case } from './case.js';
import { chunks, response } from './chat.js';
import { framework } from './peer.js';
import { requestsTo } from './served.js';
import { type Setup, trackerFor } from './tracked.js';

type Tracker = ReturnType<typeof trackerFor>;

/** What makes the operation of a case: bare without a tracker. */
type Make = (answer: Answer, tracker: Tracker | undefined) => Operation | Promise<Operation>;

type Answer = 'JSON' | 'SSE';

const PATH = '/v1/chat/completions';
/** Long enough that what a request costs vanishes. */
const LENGTH = 2000;
const list = chunks(LENGTH);
const messages = [
  { role: 'system', content: 'You are a helpful assistant.' },
  { role: 'user', content: 'What is the capital of France, and how many people live there?' },
];
const asked = { JSON: bodyOf(false), SSE: bodyOf(true) };

function bodyOf(stream: boolean): string {
  return JSON.stringify({ model: 'gpt-4o-mini', stream, temperature: 0.2, messages });
}

/** What an optimising compiler needs to have seen of a server before it runs at its speed. */
const WARM_UP = { JSON: 3000, SSE: 50 };

async function read(req: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  req.on('data', (piece: Buffer) => pieces.push(piece));
  await once(req, 'end');
  return JSON.parse(Buffer.concat(pieces).toString());
}

async function write(res: ServerResponse, answer: Answer): Promise<void> {
  if (answer === 'JSON') {
    res.setHeader('content-type', 'application/json').end(JSON.stringify(response));
    return;
  }
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const chunk of list) {
    if (!res.write(`data: ${JSON.stringify(chunk)}\n\n`)) await once(res, 'drain');
  }
  res.end('data: [DONE]\n\n');
}

const onNode: Make = (answer, tracker) => {
  const handle = async (req: IncomingMessage, res: ServerResponse) => {
    await read(req);
    await write(res, answer);
  };
  const track = tracker && trackNode({ tracker });
  const server = track
    ? createServer((req, res) => void track(req, res, () => handle(req, res)))
    : createServer((req, res) => void handle(req, res));
  return requestsTo(server, PATH, asked[answer]);
};

/** As Express and Connect do it: somebody before the middleware has read the body. */
const behindParser: Make = (answer, tracker) => {
  const track = tracker && trackNode({ tracker });
  const server = createServer(async (req, res) => {
    const body = await read(req);
    if (track) track(Object.assign(req, { body }), res, () => write(res, answer));
    else await write(res, answer);
  });
  return requestsTo(server, PATH, asked[answer]);
};

interface FastifyApp {
  readonly server: Server;
  addHook: Parameters<typeof trackFastify>[0]['addHook'];
  register(plugin: typeof trackFastify, options: object): unknown;
  post(path: string, handler: (request: unknown, reply: { hijack(): void; raw: ServerResponse }) => unknown): unknown;
  ready(): PromiseLike<unknown>;
}

const onFastify: Make = async (answer, tracker) => {
  const app = framework<() => FastifyApp>('fastify')();
  if (tracker) app.register(trackFastify, { tracker });
  app.post(PATH, async (_, reply) => {
    if (answer === 'JSON') return response;
    reply.hijack();
    return write(reply.raw, answer);
  });
  await app.ready();
  return requestsTo(app.server, PATH, asked[answer]);
};

function webHandler(answer: Answer) {
  return async (request: Request): Promise<Response> => {
    await request.json();
    return answer === 'JSON' ? Response.json(response) : (sseResponse(list) as Response);
  };
}

/** Without a server: what reads the answer is a reader of its body, as servers have. */
const webCalled: Make = (answer, tracker) => {
  const handle = tracker ? trackFetch(webHandler(answer), { tracker }) : webHandler(answer);
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: asked[answer] };
  return async (times) => {
    for (let i = 0; i < times; i++) {
      const reader = (await handle(new Request(`http://localhost${PATH}`, init))).body?.getReader();
      while ((await reader?.read())?.done === false);
    }
  };
};

const onHono: Make = (answer, tracker) => {
  const app = new Hono();
  app.post(PATH, async (c) => {
    await c.req.json();
    return answer === 'JSON' ? c.json(response) : (sseResponse(list) as Response);
  });
  const fetch = tracker ? trackFetch(app.fetch, { tracker }) : app.fetch;
  return requestsTo(createAdaptorServer({ fetch }) as Server, PATH, asked[answer]);
};

interface Place {
  readonly place: string;
  readonly adapter: string;
  readonly make: Make;
  readonly answers: readonly Answer[];
  readonly more?: Partial<Case>;
}

const PLACES: readonly Place[] = [
  { place: 'node:http', adapter: 'trackNode', make: onNode, answers: ['JSON', 'SSE'] },
  { place: 'node:http with a body parser', adapter: 'trackNode', make: behindParser, answers: ['JSON'] },
  {
    place: 'Fastify',
    adapter: 'trackFastify',
    make: onFastify,
    answers: ['JSON', 'SSE'],
    more: { framework: 'fastify' },
  },
  { place: 'a web handler', adapter: 'trackFetch', make: webCalled, answers: ['JSON', 'SSE'] },
  { place: 'Hono on Node', adapter: 'trackFetch', make: onHono, answers: ['JSON', 'SSE'] },
];

const SETUPS: readonly [Setup, boolean][] = [
  ['producer', true],
  ['producer', false],
  ['default sink', true],
];

/** What a middleware adds to a server that answers with JSON, and to one that sends Server-Sent Events. */
export const middlewareCases: readonly Case[] = PLACES.flatMap(({ place, adapter, make, answers, more }) =>
  answers.flatMap((answer): Case[] => {
    const one = (name: string, prepare: Case['prepare']): Case => ({
      id: `${answer === 'JSON' ? 'JSON request to' : 'SSE chunk from'} ${place}/${name}`,
      per: answer === 'JSON' ? 'request' : 'chunk',
      ...(answer === 'SSE' && { perOperation: LENGTH }),
      ...more,
      prepare,
    });
    const warm = async (tracker?: Tracker): Promise<Operation> => {
      const operation = await make(answer, tracker);
      await operation(WARM_UP[answer]);
      return operation;
    };
    return [
      one('bare', () => warm()),
      one('bare, process with async context', () => {
        new AsyncLocalStorage().run(1, () => {});
        return warm();
      }),
      ...SETUPS.map(([setup, asyncContext]) =>
        one(`${adapter}, ${setup}${asyncContext ? '' : ', asyncContext off'}`, () =>
          warm(trackerFor(setup, { asyncContext })),
        ),
      ),
    ];
  }),
);
