// Run as a process of its own, because test runners put their own handlers on unhandled rejections.
// Prints how many of them the process saw in each case, with and without tracking.
import Anthropic from '@anthropic-ai/sdk';
import { CohereClientV2 } from 'cohere-ai';
import OpenAI from 'openai';
import { trackInference } from 'track-inference';
import { Loopback } from './loopback.js';

const server = await Loopback.start();
server.answer = { status: 500, type: 'application/json', parts: ['{"error":{"message":"no"}}'], ending: 'end' };

const openai = new OpenAI({ apiKey: 'k', maxRetries: 0, baseURL: server.url });
const anthropic = new Anthropic({ apiKey: 'k', maxRetries: 0, baseURL: server.url });
const cohere = new CohereClientV2({ token: 'k', environment: server.url });
const messages = [{ role: 'user' as const, content: 'hi' }];
const ignore = () => {};

interface Catching {
  on(event: 'error', listener: () => void): unknown;
  catch(handle: () => void): unknown;
  asResponse(): Promise<unknown>;
}

const makers: Record<
  string,
  [make: () => unknown, use: (made: Catching) => unknown, handle: (used: never, done: () => void) => unknown]
> = {
  ChatCompletionStream: [
    () => openai.chat.completions.stream({ model: 'm', messages }),
    ignore,
    (stream: Catching, done) => stream.on('error', done),
  ],
  MessageStream: [
    () => anthropic.messages.stream({ model: 'm', messages, max_tokens: 9 }),
    ignore,
    (stream: Catching, done) => stream.on('error', done),
  ],
  APIPromise: [
    () => openai.chat.completions.create({ model: 'm', messages }),
    (promise) => promise,
    (promise: Catching, done) => promise.catch(done),
  ],
  'APIPromise asked for its response': [
    () => openai.chat.completions.create({ model: 'm', messages }),
    (promise) => promise.asResponse(),
    (promise: Catching, done) => promise.catch(done),
  ],
  HttpResponsePromise: [
    () => cohere.chat({ model: 'm', messages }, { maxRetries: 0 }),
    (promise) => promise,
    (promise: Catching, done) => promise.catch(done),
  ],
};

let unhandled = 0;
process.on('unhandledRejection', () => unhandled++);

/** Until a handler was called or a rejection was unhandled, and a little longer, for more of them. */
async function until(happened: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!happened() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function count(track: boolean): Promise<Record<string, number>> {
  const seen: Record<string, number> = {};
  for (const [name, [make, use, handle]] of Object.entries(makers)) {
    for (const handled of [false, true]) {
      unhandled = 0;
      let isHandled = false;
      // In an object, lest the async function waits for the promise.
      const made = { it: (track ? trackInference(make) : make)() as Catching };
      const used = { it: use(made.it) ?? made.it };
      if (handled) {
        handle(used.it as never, () => {
          isHandled = true;
        });
      }
      await until(() => isHandled || unhandled > 0);
      seen[`${name}, ${handled ? '' : 'un'}handled`] = unhandled;
    }
  }
  return seen;
}

console.log(JSON.stringify({ untracked: await count(false), tracked: await count(true) }));
await server.stop();
