import Anthropic from '@anthropic-ai/sdk';
import { CohereClientV2 } from 'cohere-ai';
import Groq from 'groq-sdk';
import LlamaStackClient from 'llama-stack-client';
import OpenAI from 'openai';
import OpenAI4 from 'openai-4';
import OpenAI5 from 'openai-5';
import Together from 'together-ai';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { collectUntil } from '../support/collect-garbage.js';
import { outcome } from '../support/readings.js';
import { anthropic, cohere, type Dialect, openaiChat } from './wire/dialects.js';
import { Loopback } from './wire/loopback.js';
import { OpenAI7 } from './wire/openai-clients.js';

interface ApiPromise extends Promise<object> {
  parse(): Promise<object>;
  asResponse(): Promise<Response>;
  withResponse(): Promise<{ data: object; response: Response }>;
  _thenUnwrap<R>(transform: (data: object) => R): Promise<R>;
}
type Create = (url: string, stream: boolean) => ApiPromise;

const key = { apiKey: 'k', maxRetries: 0 };
const messages = [{ role: 'user', content: 'hi' }];
// biome-ignore lint/suspicious/noExplicitAny: eight clients whose types differ, called in the same way.
const chat = (Client: any): Create => {
  return (baseURL, stream) => new Client({ ...key, baseURL }).chat.completions.create({ model: 'm', messages, stream });
};

const clients: Record<string, [create: Create, dialect: Dialect]> = {
  'openai 4': [chat(OpenAI4), openaiChat],
  'openai 5': [chat(OpenAI5), openaiChat],
  'openai 6': [chat(OpenAI), openaiChat],
  ...(OpenAI7 && { 'openai 7': [chat(OpenAI7), openaiChat] }),
  groq: [chat(Groq), openaiChat],
  together: [chat(Together), openaiChat],
  'llama-stack': [chat(LlamaStackClient), openaiChat],
  anthropic: [
    (baseURL, stream) =>
      new Anthropic({ ...key, baseURL }).messages.create({
        model: 'm',
        messages,
        stream,
        max_tokens: 9,
      } as never) as never,
    anthropic,
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
const counted = async () => (await tracker.rows('requests_total')).some(({ value }) => value !== 0);

describe.each(Object.entries(clients))('the promise of %s, returned as it is', (_, [create, dialect]) => {
  const answerJson = () => {
    server.answer = { type: 'application/json', parts: [JSON.stringify(dialect.json)], ending: 'end' };
  };
  const call = (stream = false) => tracker.trackInference(create, { model: 'm' })(server.url, stream);

  it('stays the same object', async () => {
    answerJson();
    let made: unknown;
    const returned = tracker.trackInference(() => {
      made = create(server.url, false);
      return made;
    })();
    expect(returned).toBe(made);
    expect((returned as object).constructor.name).toBe('APIPromise');
    await (returned as ApiPromise);
  });

  it('is a success with its tokens when it is awaited', async () => {
    answerJson();
    const promise = call();
    tracker.clock.advance(2000);
    expect(await promise).toMatchObject({ model: 'served-model' });
    expect(await outcome(tracker)).toEqual({ status: 'success', stream: false, seconds: 2, inFlight: 0 });
    expect(await tokens()).toEqual([7]);
  });

  it('gives data and response by withResponse(), as one request', async () => {
    answerJson();
    const promise = call();
    tracker.clock.advance(2000);
    const { data, response } = await promise.withResponse();
    expect(data).toMatchObject({ model: 'served-model' });
    expect(response.headers.get('x-request-id')).toBe('r1');
    await promise;
    expect(await outcome(tracker)).toEqual({ status: 'success', stream: false, seconds: 2, inFlight: 0 });
    expect(await tokens()).toEqual([7]);
  });

  it('gives its response unread by asResponse(), and is a success with its tokens once that is read', async () => {
    answerJson();
    const response = await call().asResponse();
    expect(response.bodyUsed).toBe(false);
    expect(await counted()).toBe(false);
    tracker.clock.advance(2000);
    expect(await response.json()).toEqual(dialect.json);
    expect(await outcome(tracker)).toEqual({ status: 'success', stream: false, seconds: 2, inFlight: 0 });
    expect(await tokens()).toEqual([7]);
  });

  it('can be asked for its response and awaited', async () => {
    answerJson();
    const promise = call();
    const [response, again] = await Promise.all([promise.asResponse(), promise.asResponse()]);
    expect(again).toBe(response);
    expect(await promise).toMatchObject({ model: 'served-model' });
    expect(response.bodyUsed).toBe(true);
    expect(await outcome(tracker)).toEqual({ status: 'success', stream: false, seconds: 0, inFlight: 0 });
  });

  it('parses once, however often it is asked', async () => {
    answerJson();
    const promise = call();
    expect(promise.parse()).toBe(promise.parse());
    expect(await promise.parse()).toBe(await promise);
    expect(await outcome(tracker)).toEqual({ status: 'success', stream: false, seconds: 0, inFlight: 0 });
  });

  it('is unwrapped by its own _thenUnwrap', async () => {
    answerJson();
    let runs = 0;
    const promise = call();
    const unwrapped = promise._thenUnwrap((data) => {
      runs++;
      return { wrapped: data };
    });
    tracker.clock.advance(2000);
    expect(unwrapped.constructor).toBe(promise.constructor);
    expect((await unwrapped).wrapped).toMatchObject({ model: 'served-model' });
    await unwrapped;
    expect(runs).toBe(1);
    expect(await outcome(tracker)).toEqual({ status: 'success', stream: false, seconds: 2, inFlight: 0 });
    expect(await tokens()).toEqual([7]);
  });

  it.each<[way: string, use: (promise: ApiPromise) => Promise<unknown>]>([
    ['awaited', async (promise) => await promise],
    ['caught', (promise) => promise.catch((error) => Promise.reject(error))],
    ['asked for its response', (promise) => promise.asResponse()],
    ['asked for both', (promise) => promise.withResponse()],
    ['unwrapped', (promise) => promise._thenUnwrap((data) => data)],
  ])('is an error with the error of its client when the server refuses and it is %s', async (_, use) => {
    server.answer = {
      status: 429,
      type: 'application/json',
      parts: ['{"error":{"message":"slow down"}}'],
      ending: 'end',
    };
    await expect(use(call())).rejects.toMatchObject({ status: 429 });
    expect(await outcome(tracker)).toEqual({ status: 'error', stream: false, seconds: 0, inFlight: 0 });
  });

  it('is an error when the body cannot be parsed', async () => {
    server.answer = { type: 'application/json', parts: ['{"half'], ending: 'end' };
    await expect(call()).rejects.toThrow();
    expect(await outcome(tracker)).toEqual({ status: 'error', stream: false, seconds: 0, inFlight: 0 });
  });

  it.each<[way: string, open: (promise: ApiPromise) => Promise<AsyncIterable<unknown>>]>([
    ['awaited', async (promise) => (await promise) as AsyncIterable<unknown>],
    ['asked for data and response', async (promise) => (await promise.withResponse()).data as AsyncIterable<unknown>],
    ['asked for its response', async (promise) => (await promise.asResponse()).body as never],
  ])('is a stream with its tokens when it is %s', async (_, open) => {
    server.answer = { type: dialect.type, parts: dialect.stream, ending: 'end' };
    const stream = await open(call(true));
    tracker.clock.advance(2000);
    for await (const _ of stream);
    expect(await outcome(tracker)).toMatchObject({ status: 'success', stream: true, seconds: 2, inFlight: 0 });
    expect(await tokens()).toEqual([7]);
  });

  it('is cancelled when nobody ever waits for it', async () => {
    answerJson();
    (() => void call())();
    await collectUntil(counted);
    expect(await outcome(tracker)).toEqual({ status: 'cancelled', stream: false, seconds: 0, inFlight: 0 });
  });
});

describe("Cohere's promise, returned as it is", () => {
  const call = () =>
    tracker.trackInference((environment: string) =>
      new CohereClientV2({ token: 'k', environment }).chat(
        { model: 'm', messages: [{ role: 'user', content: 'hi' }] },
        { maxRetries: 0 },
      ),
    )(server.url);
  beforeEach(() => {
    server.answer = { type: 'application/json', parts: [JSON.stringify(cohere.json)], ending: 'end' };
  });

  it.each<[way: string, use: (promise: ReturnType<typeof call>) => Promise<unknown>]>([
    ['awaited', async (promise) => await promise],
    ['caught', (promise) => promise.catch(() => undefined)],
    ['asked for data and raw response', async (promise) => (await promise.withRawResponse()).data],
  ])('is a success with its tokens when it is %s', async (_, use) => {
    const promise = call();
    expect(promise.constructor.name).toBe('HttpResponsePromise');
    tracker.clock.advance(2000);
    expect(await use(promise)).toMatchObject({ finishReason: 'COMPLETE' });
    expect(await outcome(tracker)).toEqual({ status: 'success', stream: false, seconds: 2, inFlight: 0 });
    expect(await tokens()).toEqual([7]);
  });

  it('is an error when the server refuses', async () => {
    server.answer = { status: 429, type: 'application/json', parts: ['{"message":"slow down"}'], ending: 'end' };
    await expect(call()).rejects.toMatchObject({ statusCode: 429 });
    expect(await outcome(tracker)).toEqual({ status: 'error', stream: false, seconds: 0, inFlight: 0 });
  });
});
