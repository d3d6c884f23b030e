import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { outcome } from '../support/readings.js';
import { anthropic, type Dialect, openaiChat, openaiResponses } from './wire/dialects.js';
import { Loopback } from './wire/loopback.js';
import { OpenAI7 } from './wire/openai-clients.js';

interface Emitter extends AsyncIterable<unknown> {
  on(event: string, listener: (...args: unknown[]) => void): this;
  emitted(event: string): Promise<unknown>;
  done(): Promise<void>;
  abort(): void;
  controller: AbortController;
  finalMessage?(): Promise<unknown>;
  finalChatCompletion?(): Promise<unknown>;
  finalResponse?(): Promise<unknown>;
}

const key = { apiKey: 'k', maxRetries: 0 };
const messages = [{ role: 'user' as const, content: 'hi' }];

type Opened = [open: (baseURL: string) => unknown, dialect: Dialect, final: keyof Emitter];

const openaiEmitters = (Client: typeof OpenAI, major: number): Record<string, Opened> => ({
  [`ChatCompletionStream of openai ${major}`]: [
    (baseURL) => new Client({ ...key, baseURL }).chat.completions.stream({ model: 'm', messages }),
    openaiChat,
    'finalChatCompletion',
  ],
  [`ResponseStream of openai ${major}`]: [
    (baseURL) => new Client({ ...key, baseURL }).responses.stream({ model: 'm', input: 'hi' }),
    openaiResponses,
    'finalResponse',
  ],
});

const emitters: Record<string, Opened> = {
  ...openaiEmitters(OpenAI, 6),
  ...(OpenAI7 && openaiEmitters(OpenAI7, 7)),
  'MessageStream of Anthropic': [
    (baseURL) => new Anthropic({ ...key, baseURL }).messages.stream({ model: 'm', messages, max_tokens: 9 }),
    anthropic,
    'finalMessage',
  ],
};

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

const tokens = async () => (await tracker.rows('tokens_per_second')).map(({ sum }) => sum);

describe.each(Object.entries(emitters))('a %s', (name, [open, dialect, final]) => {
  const call = () => tracker.trackInference(open, { model: 'm' })(server.url) as Emitter;
  const answer = (ending: 'end' | 'cut' | 'hang' = 'end') => {
    const parts = ending === 'end' ? dialect.stream : dialect.stream.slice(0, dialect.untilOutput);
    server.answer = { type: dialect.type, parts, ending };
  };

  it('stays the same object, of its class', async () => {
    answer();
    let made: unknown;
    const returned = tracker.trackInference(() => {
      made = open(server.url);
      return made as Emitter;
    })();
    expect(returned).toBe(made);
    expect(returned.constructor.name).toBe(name.split(' ')[0]);
    await returned.done();
  });

  it.each<[way: string, use: (stream: Emitter) => Promise<unknown>]>([
    [
      'iterated',
      async (stream) => {
        for await (const _ of stream);
      },
    ],
    ['asked for its final result', (stream) => (stream[final] as () => Promise<unknown>).call(stream)],
    ['waited for', (stream) => stream.done()],
    [
      'iterated and listened to',
      async (stream) => {
        const ended = new Promise<void>((resolve) => stream.on('end', () => resolve()));
        for await (const _ of stream);
        await ended;
      },
    ],
    ['listened to', (stream) => new Promise<void>((resolve) => stream.on('end', () => resolve()))],
  ])('is a success with its tokens when it is %s', async (_, use) => {
    answer();
    const stream = call();
    tracker.clock.advance(2000);
    await use(stream);
    expect(await outcome(tracker)).toEqual({ status: 'success', stream: true, seconds: 2, firstToken: 2, inFlight: 0 });
    expect(await tokens()).toEqual([7]);
  });

  it('is cancelled by its abort()', async () => {
    answer('hang');
    const stream = call();
    const arrival = { finalMessage: 'streamEvent', finalResponse: 'event', finalChatCompletion: 'chunk' }[
      final as string
    ];
    await stream.emitted(arrival as string);
    stream.abort();
    await expect(stream.done()).rejects.toThrow();
    expect(await outcome(tracker)).toMatchObject({ status: 'cancelled', stream: true, inFlight: 0 });
  });

  it('is an error when the connection is cut, for whoever listens to it too', async () => {
    answer('cut');
    const stream = call();
    const error = await new Promise((resolve) => stream.on('error', resolve));
    expect(error).toBeInstanceOf(Error);
    expect(await outcome(tracker)).toMatchObject({ status: 'error', stream: true, inFlight: 0 });
  });

  it('that has ended when it is returned is settled at once', async () => {
    answer();
    await tracker.trackInference(async () => {
      const stream = open(server.url) as Emitter;
      await stream.done();
      tracker.clock.advance(2000);
      return stream;
    })();
    expect(await outcome(tracker)).toMatchObject({ status: 'success', stream: true, seconds: 2, inFlight: 0 });
  });
});

it('leaves an error that nobody handles unhandled, and one that somebody does handled', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--import',
    'tsx',
    'spec/follow/wire/emitter-errors.ts',
  ]);
  const seen = JSON.parse(stdout);
  expect(seen.tracked).toEqual(seen.untracked);
  expect(seen.untracked).toEqual({
    'ChatCompletionStream, unhandled': 1,
    'ChatCompletionStream, handled': 0,
    'MessageStream, unhandled': 1,
    'MessageStream, handled': 0,
    'APIPromise, unhandled': 1,
    'APIPromise, handled': 0,
    'APIPromise asked for its response, unhandled': 1,
    'APIPromise asked for its response, handled': 0,
    'HttpResponsePromise, unhandled': 1,
    'HttpResponsePromise, handled': 0,
  });
});
