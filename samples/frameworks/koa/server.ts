import { createServer } from 'node:http';
import { bodyParser } from '@koa/bodyparser';
import Koa from 'koa';
import { trackKoa } from 'track-inference/middleware/koa';
import { hangUpSignal, sendSse } from 'track-inference/middleware/node';
import { type ChatParams, ChatRouter } from '../router.js';
import { isMain, run } from '../start.js';

const router = new ChatRouter();
const app = new Koa();
app.use(bodyParser());
app.use(trackKoa()); // behind the body parser, before the routes

app.use(async (ctx) => {
  if (ctx.path !== '/v1/chat/completions') return;
  const result = await router.chat(ctx.request.body as ChatParams, hangUpSignal(ctx));
  if (Symbol.asyncIterator in result) await sendSse(ctx, result);
  else ctx.body = result;
});

export const server = createServer(app.callback());

if (isMain(import.meta.url)) await run(server);
