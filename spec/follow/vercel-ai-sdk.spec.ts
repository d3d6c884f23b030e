import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { collectUntil } from '../support/collect-garbage.js';
import { inFlight, outcome, requests } from '../support/readings.js';
import { until } from '../support/until.js';
import { openaiChat } from './wire/dialects.js';
import { Loopback } from './wire/loopback.js';
import { isThere, otherMajor } from './wire/other-majors.js';

interface StreamResult {
  readonly textStream: AsyncIterable<string>;
  readonly fullStream: AsyncIterable<{ readonly type: string }>;
  readonly text: PromiseLike<string>;
  readonly usage: PromiseLike<object>;
  consumeStream(): PromiseLike<void>;
  toTextStreamResponse(): Response;
  toDataStreamResponse?(): Response;
  toUIMessageStreamResponse?(): Response;
}

let server: Loopback;
let tracker: TestTracker;
beforeAll(async () => {
  server = await Loopback.start();
});
afterAll(() => server.stop());
beforeEach(() => {
  tracker = createTestTracker();
});
afterEach(() => tracker.dispose());

const saying = (text: string) =>
  openaiChat.stream.map((part) => String(part).replace('Grüß ', text).replace('Gott', ''));
const tokens = async () => (await tracker.rows('tokens_per_second')).map(({ sum }) => sum);
const counted = async () => (await requests(tracker)).length > 0;

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

type Reader = [way: string, read: (result: StreamResult) => PromiseLike<unknown>, expected: unknown];

/** Version 4 reads nothing for whoever asks for the text alone. */
const readers: Reader[] = [
  ['textStream', (result) => collect(result.textStream), ['Grüß ', 'Gott']],
  ['text', (result) => result.text, 'Grüß Gott'],
  ['fullStream', async (result) => (await collect(result.fullStream)).at(-1)?.type, 'finish'],
  ['consumeStream()', async (result) => result.consumeStream(), undefined],
  ['toTextStreamResponse()', (result) => result.toTextStreamResponse().text(), 'Grüß Gott'],
  [
    'its response for a user interface',
    async (result) => {
      const response = result.toUIMessageStreamResponse?.() ?? result.toDataStreamResponse?.();
      return /finish.*stop|\[DONE\]/.test((await response?.text()) as string);
    },
    true,
  ],
  [
    'two streams of it',
    async (result) => (await Promise.all([collect(result.textStream), collect(result.textStream)]))[1],
    ['Grüß ', 'Gott'],
  ],
];

/** The names of all that a result has, and what kind of thing each is, without asking a getter. */
function shapeOf(result: object): object {
  const members = (of: object) =>
    Object.entries(Object.getOwnPropertyDescriptors(of)).map(([name, { value, get }]) => [
      name,
      get ? 'getter' : typeof value === 'object' ? value?.constructor?.name : typeof value,
    ]);
  return { own: members(result), inherited: members(Object.getPrototypeOf(result)) };
}

for (const major of [4, 5, 6, 7]) {
  const [sdk, provider] = [`ai-${major}`, `openai-compatible-for-ai-${major}`];
  (isThere(sdk) && isThere(provider) ? describe : describe.skip)(`the Vercel AI SDK ${major}, over HTTP`, () => {
    // biome-ignore lint/suspicious/noExplicitAny: four majors, whose types differ.
    let ai: any;
    // biome-ignore lint/suspicious/noExplicitAny: four majors, whose types differ.
    let createOpenAICompatible: any;
    beforeAll(async () => {
      ai = await otherMajor(sdk);
      ({ createOpenAICompatible } = await otherMajor(provider));
    });

    const model = () => createOpenAICompatible({ name: 'acme', baseURL: server.url, apiKey: 'k' })('m');
    const request = (abortSignal?: AbortSignal) => ({
      model: model(),
      prompt: 'hi',
      maxRetries: 0,
      abortSignal,
      onError: () => {},
    });
    const stream = (signal?: AbortSignal): StreamResult =>
      tracker.trackInference((abortSignal?: AbortSignal): StreamResult => ai.streamText(request(abortSignal)), {
        model: 'm',
      })(signal);
    const answer = (ending: 'end' | 'cut' | 'hang' = 'end') => {
      const { type, stream, untilOutput } = openaiChat;
      server.answer = { type, parts: ending === 'end' ? stream : stream.slice(0, untilOutput), ending };
    };
    const settled = async () => {
      await until('the call settles', counted);
      return outcome(tracker);
    };

    it('gives the result of streamText with all that it has, own and inherited', async () => {
      answer();
      const untracked: object = ai.streamText(request());
      const tracked = stream();
      expect(shapeOf(tracked)).toEqual(shapeOf(untracked));
      expect(Object.getPrototypeOf(tracked)).toBe(Object.getPrototypeOf(untracked));
      expect(Object.getPrototypeOf(tracked).constructor.name).toBe('DefaultStreamTextResult');
      await Promise.all([tracked, untracked as StreamResult].map((result) => result.consumeStream()));
    });

    it.each(major === 4 ? readers.filter(([way]) => way !== 'text') : readers)(
      'is a success with its tokens when it is read by %s',
      async (_, read, expected) => {
        answer();
        const result = stream();
        tracker.clock.advance(2000);
        expect(await read(result)).toEqual(expected);
        expect(await settled()).toEqual({ status: 'success', stream: true, seconds: 2, firstToken: 2, inFlight: 0 });
        expect(await tokens()).toEqual([7]);
        expect(await result.usage).toMatchObject(
          major === 4 ? { promptTokens: 10, completionTokens: 4 } : { inputTokens: 10, outputTokens: 4 },
        );
      },
    );

    it('is an error when the server refuses', async () => {
      server.answer = { status: 500, type: 'application/json', parts: ['{"error":{"message":"no"}}'], ending: 'end' };
      await collect(stream().fullStream).catch(() => {});
      expect(await settled()).toEqual({ status: 'error', stream: true, seconds: 0, inFlight: 0 });
    });

    it('is an error when the connection is cut midway', async () => {
      answer('cut');
      await collect(stream().fullStream).catch(() => {});
      expect(await settled()).toMatchObject({ status: 'error', stream: true, inFlight: 0 });
    });

    it('is an error when an error comes inside the stream', async () => {
      const { type, stream: parts, untilOutput, failure } = openaiChat;
      server.answer = { type, parts: [...parts.slice(0, untilOutput), failure as string], ending: 'end' };
      await collect(stream().fullStream).catch(() => {});
      expect(await settled()).toMatchObject({ status: 'error', stream: true, inFlight: 0 });
    });

    it('is cancelled when its signal is aborted midway', async () => {
      answer('hang');
      const controller = new AbortController();
      const read = async () => {
        for await (const _ of stream(controller.signal).textStream) controller.abort();
      };
      await read().catch(() => {});
      expect(await settled()).toMatchObject({ status: 'cancelled', stream: true, inFlight: 0 });
    });

    it('is cancelled when its consumer breaks out of textStream, once it is collected', async () => {
      const { type, stream: parts, untilOutput } = openaiChat;
      // Longer than what the SDK's own transforms take in ahead.
      const outputs = new Array(200).fill(parts[untilOutput]);
      server.answer = { type, parts: [...parts.slice(0, untilOutput), ...outputs], ending: 'end' };
      await (async () => {
        for await (const _ of stream().textStream) break;
      })();
      await collectUntil(counted);
      expect(await settled()).toMatchObject({ status: 'cancelled', stream: true, inFlight: 0 });
    });

    it('is cancelled when it is never read and nobody can reach it any more', async () => {
      answer();
      (() => void stream())();
      await collectUntil(counted);
      expect(await settled()).toEqual({ status: 'cancelled', stream: true, seconds: 0, inFlight: 0 });
    });

    it('streamObject gives its object, and is a success with its tokens', async () => {
      server.answer = { type: openaiChat.type, parts: saying('{\\"answer\\":42}'), ending: 'end' };
      const call = () => ai.streamObject({ ...request(), output: 'no-schema' });
      const untracked = call();
      const result = tracker.trackInference(call)();
      expect(shapeOf(result)).toEqual(shapeOf(untracked));
      tracker.clock.advance(2000);
      expect((await collect(result.partialObjectStream)).at(-1)).toEqual({ answer: 42 });
      expect(await result.object).toEqual({ answer: 42 });
      expect(await settled()).toEqual({ status: 'success', stream: true, seconds: 2, firstToken: 2, inFlight: 0 });
      expect(await tokens()).toEqual([7]);
      await collect(untracked.partialObjectStream);
    });

    it('generateText gives its result with all that it has, and is a success with its tokens', async () => {
      server.answer = { type: 'application/json', parts: [JSON.stringify(openaiChat.json)], ending: 'end' };
      const untracked = await ai.generateText(request());
      const result = await tracker.trackInference(async () => {
        tracker.clock.advance(2000);
        return ai.generateText(request());
      })();
      expect(result.text).toBe('Grüß Gott');
      expect(shapeOf(result)).toEqual(shapeOf(untracked));
      expect(await settled()).toEqual({ status: 'success', stream: false, seconds: 2, inFlight: 0 });
      expect(await tokens()).toEqual([7]);
    });

    it('generateText is an error when the server refuses, and cancelled when its signal is aborted', async () => {
      const call = tracker.trackInference((signal?: AbortSignal) => ai.generateText(request(signal)));
      server.answer = { status: 500, type: 'application/json', parts: ['{"error":{"message":"no"}}'], ending: 'end' };
      await expect(call()).rejects.toMatchObject({ statusCode: 500 });
      server.answer = { type: 'application/json', parts: ['{'], ending: 'hang' };
      const controller = new AbortController();
      const aborted = call(controller.signal);
      controller.abort();
      await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
      expect(await requests(tracker)).toMatchObject([
        { status: 'error', stream: false, count: 1 },
        { status: 'cancelled', stream: false, count: 1 },
      ]);
      expect(await inFlight(tracker)).toBe(0);
    });
  });
}
