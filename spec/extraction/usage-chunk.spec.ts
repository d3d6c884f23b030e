import type OpenAI from 'openai';
import { Stream } from 'openai/streaming';
import { tokenExtractors } from '../../lib/extraction/default-registry.js';
import { StreamReader } from '../../lib/extraction/stream-reader.js';
import { hideUsageChunk, isUsageChunk } from '../../lib/extraction/usage-chunk.js';

type Chunk = Partial<OpenAI.ChatCompletionChunk>;

const said: Chunk = {
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: null }],
};
const stop: Chunk = { object: 'chat.completion.chunk', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };
const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
const usageChunk: Chunk = { object: 'chat.completion.chunk', choices: [], usage };

async function* chunks(): AsyncGenerator<Chunk> {
  yield said;
  yield stop;
  yield usageChunk;
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

describe('isUsageChunk', () => {
  it.each([
    ['usage and no choices', usageChunk, true],
    ['usage on the finish chunk, which a client expects', { ...stop, usage }, false],
    ["Azure's first chunk", { choices: [], usage: null, prompt_filter_results: [] }, false],
    ['a chunk', said, false],
    ['nothing', undefined, false],
  ])('knows %s', (_what, chunk, expected) => {
    expect(isUsageChunk(chunk)).toBe(expected);
  });
});

describe('hideUsageChunk', () => {
  it("keeps the chunk from every way to read the SDK's stream, and the stream the same object", async () => {
    const readings: ((stream: Stream<Chunk>) => Promise<Chunk[]>)[] = [
      collect,
      async (stream) => (await Promise.all(stream.tee().map(collect)))[0] as Chunk[],
      async (stream) =>
        (await new Response(stream.toReadableStream()).text())
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line)),
    ];
    for (const read of readings) {
      const stream = new Stream<Chunk>(chunks, new AbortController());
      hideUsageChunk(stream);

      expect(stream).toBeInstanceOf(Stream);
      expect(await read(stream)).toEqual([said, stop]);
    }
  });

  it('leaves the chunk to who reads from below', async () => {
    const reader = new StreamReader(tokenExtractors);
    const stream = new Stream<Chunk>(async function* below() {
      for await (const chunk of chunks()) {
        reader.read(chunk);
        yield chunk;
      }
    }, new AbortController());
    hideUsageChunk(stream);

    expect(await collect(stream)).toEqual([said, stop]);
    expect(reader.usage).toEqual({ inputTokens: 1, outputTokens: 2, totalTokens: 3 });
  });

  it.each([
    ['an async generator', chunks],
    ['an async iterable', () => ({ [Symbol.asyncIterator]: () => chunks() })],
  ])('keeps it from who reads %s', async (_what, make) => {
    const source = make();
    hideUsageChunk(source);

    expect(await collect(source)).toEqual([said, stop]);
  });

  it('passes on what is sent into a generator, what it returns, and how it is closed', async () => {
    let closed = false;
    const source = (async function* echo(): AsyncGenerator<unknown, string, unknown> {
      try {
        const sent: unknown = yield said;
        yield sent;
        return 'returned';
      } finally {
        closed = true;
      }
    })();
    hideUsageChunk(source);

    await source.next();
    expect(await source.next('sent')).toEqual({ done: false, value: 'sent' });
    expect(await source.next()).toEqual({ done: true, value: 'returned' });
    expect(closed).toBe(true);
  });

  it('keeps it from who reads a sync generator', () => {
    const source = (function* sync() {
      yield said;
      yield usageChunk;
      yield stop;
    })();
    hideUsageChunk(source);

    expect([...source]).toEqual([said, stop]);
  });

  it.each([
    ['a frozen stream', Object.freeze({ [Symbol.asyncIterator]: () => chunks() })],
    ['no stream', { hello: 'world' }],
  ])('leaves %s as it is', (_what, source) => {
    const keys = Reflect.ownKeys(source);
    expect(() => hideUsageChunk(source)).not.toThrow();
    expect(Reflect.ownKeys(source)).toEqual(keys);
  });

  it('hands on what is no pass, as the source gives it', () => {
    const source = { [Symbol.asyncIterator]: () => undefined };
    hideUsageChunk(source);

    expect(source[Symbol.asyncIterator]()).toBeUndefined();
  });

  it('leaves the method as free to be changed as it was', () => {
    const source = { next: () => ({ done: true, value: undefined }) };
    hideUsageChunk(source);

    expect(Object.getOwnPropertyDescriptor(source, 'next')).toMatchObject({
      writable: true,
      configurable: true,
      enumerable: true,
    });
  });
});
