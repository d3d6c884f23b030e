import { AIMessageChunk } from '@langchain/core/messages';
import { RunnableLambda } from '@langchain/core/runnables';
import { IterableReadableStream } from '@langchain/core/utils/stream';
import { generateText, Output, simulateReadableStream, streamObject, streamText } from 'ai';
import { MockLanguageModelV3 } from 'ai/test';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { completion, text, usage } from '../support/chunks.js';
import { inFlight, outcome, requests } from '../support/readings.js';

let tracker: TestTracker;
beforeEach(() => {
  tracker = createTestTracker();
});
afterEach(() => tracker.dispose());

const tokens = async () => (await tracker.rows('tokens_per_second')).map(({ sum }) => sum);
const hand = <R>(value: R): R => tracker.trackInference(() => value)();

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

const modelUsage = {
  inputTokens: { total: 10, noCache: 10, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 4, text: 4, reasoning: 0 },
};
const finished = {
  type: 'finish' as const,
  finishReason: { unified: 'stop' as const, raw: 'stop' },
  usage: modelUsage,
};
const parts = (...deltas: string[]) => [
  { type: 'stream-start' as const, warnings: [] },
  { type: 'text-start' as const, id: '1' },
  ...deltas.map((delta) => ({ type: 'text-delta' as const, id: '1', delta })),
  { type: 'text-end' as const, id: '1' },
  finished,
];
const streaming = (chunks: unknown[]) =>
  new MockLanguageModelV3({
    doStream: async () => ({ stream: simulateReadableStream({ chunks, chunkDelayInMs: null }) as never }),
  });

describe("the Vercel AI SDK's streamText", () => {
  const call = (chunks: unknown[] = parts('Hello', '!')) =>
    tracker.trackInference(() => streamText({ model: streaming(chunks), prompt: 'hi', onError: () => {} }), {
      model: 'm',
    })();

  it.each<[way: string, read: (result: ReturnType<typeof call>) => PromiseLike<unknown>, expected: unknown]>([
    ['textStream', (result) => collect(result.textStream), ['Hello', '!']],
    ['text', (result) => result.text, 'Hello!'],
    ['fullStream', async (result) => (await collect(result.fullStream)).at(-1)?.type, 'finish'],
    ['consumeStream()', async (result) => result.consumeStream(), undefined],
    ['toTextStreamResponse()', (result) => result.toTextStreamResponse().text(), 'Hello!'],
    [
      'toUIMessageStreamResponse()',
      async (result) => (await result.toUIMessageStreamResponse().text()).endsWith('data: [DONE]\n\n'),
      true,
    ],
    [
      'two streams of it',
      async (result) => (await Promise.all([collect(result.textStream), collect(result.textStream)]))[1],
      ['Hello', '!'],
    ],
  ])('is a success with its tokens when it is read by %s', async (_, read, expected) => {
    const result = call();
    expect(result.constructor.name).toBe('DefaultStreamTextResult');
    tracker.clock.advance(2000);
    expect(await read(result)).toEqual(expected);
    // The text is there a little before the stream has said that it is over.
    await new Promise((resolve) => setImmediate(resolve));
    expect(await outcome(tracker)).toEqual({ status: 'success', stream: true, seconds: 2, firstToken: 2, inFlight: 0 });
    expect(await tokens()).toEqual([7]);
    expect(await result.usage).toMatchObject({ inputTokens: 10, outputTokens: 4 });
  });

  it('is an error when the model fails in the middle', async () => {
    await collect(call([...parts('Hello').slice(0, 3), { type: 'error', error: new Error('midway') }]).textStream);
    expect(await outcome(tracker)).toMatchObject({ status: 'error', stream: true, inFlight: 0 });
  });

  it('is not read or drained by being returned', async () => {
    const pulls: number[] = [];
    for (const track of [false, true]) {
      const chunks = parts(...new Array(1000).fill('x'));
      let pulled = 0;
      const stream = new ReadableStream(
        {
          pull(controller) {
            const chunk = chunks[pulled++];
            if (chunk === undefined) controller.close();
            else controller.enqueue(chunk);
          },
        },
        { highWaterMark: 0 },
      );
      const model = new MockLanguageModelV3({ doStream: async () => ({ stream: stream as never }) });
      const call = () => streamText({ model, prompt: 'hi' });
      const result = (track ? tracker.trackInference(call) : call)();
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
      pulls.push(pulled);
      await result.consumeStream();
    }
    expect(pulls[1]).toBe(pulls[0]);
  });
});

describe("the Vercel AI SDK's other results", () => {
  it('streamObject is a stream with its tokens', async () => {
    const result = hand(
      streamObject({ model: streaming(parts('{"answer"', ':42}')), prompt: 'hi', output: 'no-schema' }),
    );
    tracker.clock.advance(2000);
    expect((await collect(result.partialObjectStream)).at(-1)).toEqual({ answer: 42 });
    expect(await result.object).toEqual({ answer: 42 });
    expect(await outcome(tracker)).toEqual({ status: 'success', stream: true, seconds: 2, firstToken: 2, inFlight: 0 });
    expect(await tokens()).toEqual([7]);
  });

  it('generateText is a value with its tokens, and keeps its class', async () => {
    const model = new MockLanguageModelV3({
      doGenerate: async () => {
        tracker.clock.advance(2000);
        return {
          content: [{ type: 'text', text: 'Hello' }],
          finishReason: finished.finishReason,
          usage: modelUsage,
          warnings: [],
        };
      },
    });
    const result = await tracker.trackInference(() => generateText({ model, prompt: 'hi', output: Output.text() }))();
    expect(result.text).toBe('Hello');
    expect(result.constructor.name).toBe('DefaultGenerateTextResult');
    expect(await outcome(tracker)).toEqual({ status: 'success', stream: false, seconds: 2, inFlight: 0 });
    expect(await tokens()).toEqual([7]);
  });

  it('doStream of a model is a carrier of its stream', async () => {
    const model = streaming(parts('Hello'));
    const result = await tracker.trackInference(() => model.doStream({ prompt: [] }))();
    tracker.clock.advance(2000);
    expect(await collect(result.stream as never)).toHaveLength(5);
    expect(await outcome(tracker)).toMatchObject({ status: 'success', stream: true, seconds: 2, inFlight: 0 });
    expect(await tokens()).toEqual([7]);
  });
});

describe("LangChain's stream", () => {
  it('keeps its class and helpers, and is a success with its tokens', async () => {
    const usage_metadata = { input_tokens: 10, output_tokens: 4, total_tokens: 14 };
    const model = RunnableLambda.from(async function* () {
      yield new AIMessageChunk({ content: 'Hello' });
      yield new AIMessageChunk({ content: '', usage_metadata } as never);
    } as never);
    const stream = await tracker.trackInference(
      () => model.stream('hi') as Promise<IterableReadableStream<AIMessageChunk>>,
    )();
    expect(stream).toBeInstanceOf(IterableReadableStream);
    tracker.clock.advance(2000);
    expect((await collect(stream)).map(({ content }) => content).join('')).toBe('Hello');
    expect(await outcome(tracker)).toMatchObject({ status: 'success', stream: true, seconds: 2, inFlight: 0 });
    expect(await tokens()).toEqual([7]);
  });

  it.each<[way: string, leave: (stream: IterableReadableStream<unknown>) => Promise<unknown>]>([
    ['return()', (stream) => stream.return()],
    ['cancel()', (stream) => stream.cancel()],
    [
      'break',
      async (stream) => {
        for await (const _ of stream) break;
      },
    ],
  ])('is cancelled by %s', async (_, leave) => {
    const stream = hand(
      IterableReadableStream.fromAsyncGenerator(
        (async function* () {
          yield text('a');
          yield text('b');
        })(),
      ),
    );
    await leave(stream);
    expect(await outcome(tracker)).toMatchObject({ status: 'cancelled', stream: true, inFlight: 0 });
  });
});

describe('an object that carries a stream', () => {
  async function* stream(): AsyncGenerator<object> {
    yield text('a');
    yield usage(10, 4);
  }

  it.each(['stream', 'body', 'data', 'baseStream'])(
    'in its field "%s" stays the same, and so does the stream',
    async (field) => {
      const inner = stream();
      const made = { [field]: inner, other: 1 };
      const carried = hand(made);
      expect(carried).toBe(made);
      expect(carried[field]).toBe(inner);
      tracker.clock.advance(2000);
      await collect(carried[field] as AsyncGenerator<object>);
      expect(await outcome(tracker)).toMatchObject({ status: 'success', stream: true, seconds: 2, inFlight: 0 });
      expect(await tokens()).toEqual([7]);
    },
  );

  it('that is frozen, as the stream is, is left as it is: the caller gets one that inherits from it', async () => {
    const made = Object.freeze({ stream: Object.freeze({ [Symbol.asyncIterator]: stream }), other: 1 });
    const carried = hand(made);
    expect(carried.other).toBe(1);
    await collect(carried.stream);
    expect(await outcome(tracker)).toMatchObject({ status: 'success', stream: true, inFlight: 0 });
    expect(Reflect.ownKeys(made)).toEqual(['stream', 'other']);
    expect(Reflect.ownKeys(made.stream)).toEqual([Symbol.asyncIterator]);
  });

  it.each([
    ['text', { ...completion(10, 4), body: 'text', stream: true, data: [1] }],
    ['bytes', { ...completion(10, 4), body: new Uint8Array(3) }],
    ['nothing', { ...completion(10, 4), stream: null }],
  ])('in no field, but %s, is a value', async (_, value) => {
    expect(hand(value)).toBe(value);
    expect(await outcome(tracker)).toEqual({ status: 'success', stream: false, seconds: 0, inFlight: 0 });
  });

  it('behind a getter of its class is not asked for it', async () => {
    let asked = 0;
    class Lazy {
      get stream() {
        asked++;
        return stream();
      }
    }
    hand(new Lazy());
    expect(asked).toBe(0);
    expect(await inFlight(tracker)).toBe(0);
    expect(await requests(tracker)).toHaveLength(1);
  });
});
