import 'reflect-metadata';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { hangUpSignal, sendSse, trackNode } from 'track-inference/middleware/node';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { type ChatParams, ChatRouter } from '../../samples/frameworks/router.js';
import { describeFrameworks, framework } from '../frameworks/support/frameworks.js';
import { listening, post, type Served } from '../middleware/support/served.js';
import { inFlight, requests } from '../support/readings.js';
import { until } from '../support/until.js';
import { blocksOf } from './support/pages.js';
import { type Declared, runBlock } from './support/run-block.js';

declare const DIALECT: 'standard' | 'legacy';

const PAGE = 'docs/frameworks.md';
const PATH = '/v1/chat/completions';
const blocks = blocksOf(PAGE).filter(({ language }) => language === 'js' || language === 'typescript');
const ran = new Set<string>();

let tracker: TestTracker;
let router: ChatRouter;
let served: Served | undefined;

beforeEach(() => {
  tracker = createTestTracker();
  router = new ChatRouter();
});

afterEach(async () => {
  await served?.close();
  served = undefined;
  await tracker.dispose();
});

/** Runs the one block with `holding` in it, among what its page takes for granted. */
async function run(holding: string, world: Readonly<Record<string, unknown>>): Promise<Declared> {
  const found = blocks.filter(({ code }) => code.includes(holding));
  if (found.length !== 1) throw new Error(`${found.length} blocks of ${PAGE} hold ${JSON.stringify(holding)}`);
  const [block] = found as [(typeof blocks)[0]];
  ran.add(block.where);
  return runBlock(block, { router, hangUpSignal, sendSse, trackNode, ...world });
}

/** A whole answer and a stream, each counted once, though both the handler and the router's method are tracked. */
async function countsBoth(ask: (body: object) => Promise<Response>): Promise<void> {
  expect(await (await ask({ model: 'm' })).json()).toMatchObject({ usage: { total_tokens: 21 } });
  expect(await (await ask({ model: 'm', stream: true })).text()).toContain('Walrus');
  const labels = { model: 'm', provider: 'local', endpoint_type: 'chat_completion', status: 'success', count: 1 };
  await until('both have settled', async () => (await requests(tracker)).length === 2);
  expect(await requests(tracker)).toEqual([
    { ...labels, stream: false },
    { ...labels, stream: true },
  ]);
  expect(await inFlight(tracker)).toBe(0);
}

async function over(server: Server): Promise<(body: object) => Promise<Response>> {
  served = await listening(server);
  return (body) => post(`${served?.url}${PATH}`, body);
}

describeFrameworks('the code blocks of docs/frameworks.md', () => {
  it('Express', async () => {
    const express = await framework('express');
    const app = express();
    await run('express.json()', { express, app });
    await countsBoth(await over(createServer(app)));
  });

  it('plain node:http', async () => {
    let server: Server | undefined;
    await run('createServer(', {
      createServer: (listener: RequestListener) => {
        server = createServer(listener);
      },
      async handle(req: IncomingMessage, res: ServerResponse) {
        const result = await router.chat((await json(req)) as ChatParams, hangUpSignal(res));
        if (Symbol.asyncIterator in result) await sendSse(res, result);
        else res.setHeader('content-type', 'application/json').end(JSON.stringify(result));
      },
    });
    await countsBoth(await over(server as Server));
  });

  it('Fastify', async () => {
    const app = (await framework('fastify'))({ forceCloseConnections: true });
    await run('trackFastify', { app });
    await app.ready();
    await countsBoth(await over(app.server));
  });

  it('Koa', async () => {
    const app = new (await framework('koa'))();
    const { bodyParser } = await framework('@koa/bodyparser');
    await run('trackKoa', { app, bodyParser });
    await countsBoth(await over(createServer(app.callback())));
  });

  it('Hono, and whatever else serves by fetch', async () => {
    const { Hono } = await framework('hono');
    const { default: exported } = await run('trackFetch(app.fetch)', { app: new Hono() });
    const headers = { 'content-type': 'application/json' };
    await countsBoth(async (body) =>
      exported.fetch(new Request(`http://h${PATH}`, { method: 'POST', body: JSON.stringify(body), headers })),
    );
  });

  // Nest's own decorators are legacy ones.
  if (DIALECT === 'legacy') {
    it('NestJS', async () => {
      const { Body, Controller, HttpCode, Module, Post } = await framework('@nestjs/common');
      const { NestFactory } = await framework('@nestjs/core');
      @Controller('v1/chat')
      class ChatController {
        @Post('completions')
        @HttpCode(200)
        chat(params: ChatParams) {
          return router.chat(params);
        }
      }
      Body()(ChatController.prototype, 'chat', 0);
      const { AppModule } = await run('TrackInferenceModule.forRoot()', { Module, ChatController });
      const app = await NestFactory.create(AppModule, { logger: false, forceCloseConnections: true });
      await app.init();
      await countsBoth(await over(app.getHttpServer()));
      await app.close();
    });
  }

  it('have all been run', () => {
    const left = blocks.filter(({ where, language }) => !ran.has(where) && (language === 'js' || DIALECT === 'legacy'));
    expect(left.map(({ where }) => where)).toEqual([]);
  });
});
