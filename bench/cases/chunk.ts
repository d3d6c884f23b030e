import { AsyncLocalStorage } from 'node:async_hooks';
import { streamByHand } from './by-hand.js';
import type { Case } from './case.js';
import { type ChatChunk, type ChatMethod, type ChatRequest, chunks, consume, iterate, streamRequest } from './chat.js';
import { chatClient, openAiStream } from './open-ai.js';
import { useSdk } from './open-telemetry.js';
import { type Setup, trackerFor } from './tracked.js';

type Stream = AsyncIterable<ChatChunk>;

/** Long enough that what a request costs vanishes. */
const LENGTH = 2000;
const list = chunks(LENGTH);

function sourceOf(kind: string): ChatMethod<Stream> {
  switch (kind) {
    case 'iterator':
      return async () => iterate(list);
    case 'SDK stream':
      return async () => openAiStream(iterate(list));
    case 'web stream':
      return async () => webStream(list);
    default:
      throw new Error(`no source of kind ${kind}`);
  }
}

function webStream(items: readonly ChatChunk[]): Stream {
  let next = 0;
  return new ReadableStream<ChatChunk>(
    {
      pull(controller) {
        const item = items[next++];
        if (item === undefined) controller.close();
        else controller.enqueue(item);
      },
    },
    { highWaterMark: 0 },
  );
}

function reading(
  id: string,
  make: () => (request: ChatRequest) => Stream | Promise<Stream>,
  more: Partial<Case> = {},
): Case {
  return {
    id,
    per: 'chunk',
    perOperation: LENGTH,
    ...more,
    async prepare() {
      const call = make();
      return async (times) => {
        for (let i = 0; i < times; i++) await consume(await call(streamRequest));
      };
    },
  };
}

/** The least that can be done for a stream that is looked at as it passes: each `next` gives a promise derived from its own. */
function deriving(source: ChatMethod<Stream>): ChatMethod<Stream> {
  return async (request) => {
    const iterator = (await source(request))[Symbol.asyncIterator]();
    const onResult = (result: IteratorResult<ChatChunk>) => result;
    const onError = (error: unknown) => {
      throw error;
    };
    const iterate = {
      next: () => iterator.next().then(onResult, onError),
      return: (value: unknown) => (iterator.return as NonNullable<typeof iterator.return>)(value),
      [Symbol.asyncIterator]: () => iterate,
    };
    return iterate;
  };
}

function withAsyncContext<T>(value: T): T {
  new AsyncLocalStorage().run(1, () => {});
  return value;
}

const SETUPS: readonly [Setup, boolean][] = [
  ['default sink', true],
  ['default sink', false],
  ['producer', false],
  ['no provider', true],
];

function nameOf(setup: Setup, asyncContext: boolean): string {
  return `track-inference, ${setup}${asyncContext ? '' : ', asyncContext off'}`;
}

/** Streams that the method got elsewhere: nothing of the method runs while they are read. */
const elsewhere = ['iterator', 'SDK stream', 'web stream'].flatMap((kind): Case[] => {
  const family = `chunk of ${kind}`;
  const source = sourceOf(kind);
  return [
    reading(`${family}/bare`, () => source),
    reading(`${family}/bare, process with async context`, () => withAsyncContext(source)),
    reading(`${family}/derived promise`, () => deriving(source)),
    reading(`${family}/derived promise, process with async context`, () => withAsyncContext(deriving(source))),
    ...SETUPS.map(([setup, asyncContext]) =>
      reading(`${family}/${nameOf(setup, asyncContext)}`, () =>
        trackerFor(setup, { asyncContext }).trackInference(source, 'chat_completion'),
      ),
    ),
  ];
});

/** A method that is a generator itself: each chunk runs a piece of its body, as the call that is running. */
async function* generator(_request: ChatRequest): AsyncGenerator<ChatChunk> {
  for (const chunk of list) yield chunk;
}

const own = [
  reading("chunk of the method's own body/bare", () => generator),
  reading("chunk of the method's own body/bare, process with async context", () => withAsyncContext(generator)),
  ...SETUPS.slice(0, 2).map(([setup, asyncContext]) =>
    reading(`chunk of the method's own body/${nameOf(setup, asyncContext)}`, () =>
      trackerFor(setup, { asyncContext }).trackInference(generator, 'chat_completion'),
    ),
  ),
];

const byHand = reading('chunk of iterator/by hand', () => {
  useSdk();
  return streamByHand(sourceOf('iterator'));
});

/** The whole loop of the real client, from bytes to chunks: what the peers patch. */
const client = [
  reading('chunk of the openai client/bare', () => chatClient(list).stream),
  reading('chunk of the openai client/bare, process with async context', () =>
    withAsyncContext(chatClient(list).stream),
  ),
  ...SETUPS.slice(0, 3).map(([setup, asyncContext]) =>
    reading(`chunk of the openai client/${nameOf(setup, asyncContext)}`, () =>
      trackerFor(setup, { asyncContext }).trackInference(chatClient(list).stream, 'chat_completion'),
    ),
  ),
];

export const chunkCases: readonly Case[] = [...elsewhere, byHand, ...own, ...client];
