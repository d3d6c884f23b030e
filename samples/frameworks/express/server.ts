import { createServer } from 'node:http';
import express from 'express';
import { hangUpSignal, sendSse, trackNode } from 'track-inference/middleware/node';
import { ChatRouter } from '../router.js';
import { isMain, run } from '../start.js';

const router = new ChatRouter();
const app = express();
app.use(express.json({ limit: '10mb' }));
app.use(trackNode()); // behind the body parser, before the routes

app.post('/v1/chat/completions', async (req, res) => {
  const result = await router.chat(req.body, hangUpSignal(res));
  if (Symbol.asyncIterator in result) await sendSse(res, result);
  else res.json(result);
});

export const server = createServer(app);

if (isMain(import.meta.url)) await run(server);
