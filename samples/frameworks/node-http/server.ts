import { createServer, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { hangUpSignal, sendSse, trackNode } from 'track-inference/middleware/node';
import { type ChatParams, ChatRouter } from '../router.js';
import { isMain, run } from '../start.js';

const router = new ChatRouter();
const track = trackNode();

async function handle(params: ChatParams, res: ServerResponse): Promise<void> {
  const result = await router.chat(params, hangUpSignal(res));
  if (Symbol.asyncIterator in result) await sendSse(res, result);
  else res.setHeader('content-type', 'application/json').end(JSON.stringify(result));
}

export const server = createServer((req, res) =>
  track(req, res, async () => {
    try {
      await handle((await json(req)) as ChatParams, res);
    } catch {
      res.writeHead(400).end();
    }
  }),
);

if (isMain(import.meta.url)) await run(server);
