import fastify from 'fastify';
import { trackFastify } from 'track-inference/middleware/fastify';
import { hangUpSignal, sendSse } from 'track-inference/middleware/node';
import { type ChatParams, ChatRouter } from '../router.js';
import { isMain, run } from '../start.js';

const router = new ChatRouter();
const app = fastify({ forceCloseConnections: true });
await app.register(trackFastify);

app.post<{ Body: ChatParams }>('/v1/chat/completions', async (request, reply) => {
  // Not request.signal: it is aborted as soon as the body has been read.
  const result = await router.chat(request.body, hangUpSignal(reply));
  if (!(Symbol.asyncIterator in result)) return result;
  await sendSse(reply, result);
});

await app.ready();
export const server = app.server;

if (isMain(import.meta.url)) await run(server);
