import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { sseResponse, trackFetch } from 'track-inference/middleware';
import { ChatRouter } from '../router.js';
import { isMain, run } from '../start.js';

const router = new ChatRouter();
const app = new Hono();

app.post('/v1/chat/completions', async (c) => {
  const result = await router.chat(await c.req.json(), c.req.raw.signal);
  return Symbol.asyncIterator in result ? sseResponse(result) : c.json(result);
});

// On Bun, Deno and Workers: export default { fetch: trackFetch(app.fetch) }
export const server = createAdaptorServer({ fetch: trackFetch(app.fetch) }) as Server;

if (isMain(import.meta.url)) await run(server);
