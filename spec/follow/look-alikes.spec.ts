import { diag } from '@opentelemetry/api';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import type { Observer } from '../../lib/call/observer.js';
import { follow, isFollowed } from '../../lib/follow/follow.js';
import { completion, text, usage } from '../support/chunks.js';
import { outcome } from '../support/readings.js';
import { heardWarnings } from '../support/warnings.js';

let tracker: TestTracker;
let warnings: string[];
beforeEach(() => {
  tracker = createTestTracker();
  warnings = heardWarnings();
});
afterEach(() => {
  diag.disable();
  return tracker.dispose();
});

const hand = <R>(value: R): R => tracker.trackInference(() => value)();
const nothing = () => {};

async function* stream(): AsyncGenerator<object> {
  yield text('a');
  yield usage(10, 4);
}

/** An instance of a class that has those members, as what an SDK returns does. */
const instance = (members: object) =>
  new (class Sdk {
    constructor() {
      Object.assign(this, members);
    }
  })();

const values: [what: string, value: unknown][] = [
  ['a text', 'text'],
  ['a number', 7],
  ['nothing', undefined],
  ['null', null],
  ['a function', nothing],
  ['a state without events', instance({ _readableState: {} })],
  ['events without a state', instance({ emit: nothing })],
  ['a state that is none', instance({ _readableState: 'flowing', emit: nothing })],
  ['what can be subscribed to and not piped', instance({ subscribe: nothing })],
  ['what can be piped and not subscribed to', instance({ pipe: nothing })],
  ['bytes without headers', instance({ arrayBuffer: nothing })],
  ['headers without bytes', instance({ headers: { get: nothing } })],
  ['bytes with headers that are a record', instance({ arrayBuffer: nothing, headers: {} })],
  ['a plain object with text in its field', { body: 'text', stream: true, data: [1] }],
];

describe('a value', () => {
  it.each(values)('that is %s is handed out as it is, without a word', async (_, value) => {
    const keys = Reflect.ownKeys(Object(value));

    expect(hand(value)).toBe(value);
    expect(Reflect.ownKeys(Object(value))).toEqual(keys);
    expect(warnings).toEqual([]);
    expect(await outcome(tracker)).toEqual({ status: 'success', stream: false, seconds: 0, inFlight: 0 });
  });
});

describe('isFollowed', () => {
  it.each(values)('says no of a value: %s', (_, value) => {
    expect(isFollowed(value)).toBe(false);
  });

  it('says no of what throws when it is looked at', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();

    expect(isFollowed(proxy)).toBe(false);
  });

  it.each<[what: string, value: object]>([
    ['a promise', Promise.resolve()],
    ['a stream', stream()],
    ['a web stream', new ReadableStream()],
    ['a carrier of a stream', { body: stream() }],
    ['a response', new Response('text')],
  ])('says yes of %s, before and after it is followed', (_, value) => {
    expect(isFollowed(value)).toBe(true);
    expect(isFollowed(hand(value))).toBe(true);
  });

  it('says yes of what stands for a promise that is followed', () => {
    const observer = new Proxy({}, { get: () => nothing }) as Observer;
    const thenable = instance(Object.fromEntries([['then', nothing]]));

    expect(isFollowed(follow(thenable, observer))).toBe(true);
  });
});

describe('a thenable', () => {
  const then = (ok: (value: unknown) => unknown) => ok(completion(10, 4));

  it.each<[members: object]>([
    [{ parse: nothing, asResponse: nothing }],
    [{ _thenUnwrap: nothing, asResponse: nothing }],
    [{ _thenUnwrap: nothing, parse: nothing }],
    [{ innerPromise: Promise.resolve({ data: 1 }) }],
    [{ innerPromise: {}, withRawResponse: nothing }],
    [{ withRawResponse: nothing }],
  ])('with some members of an SDK promise is waited for as any other: %j', async (members) => {
    const promise = hand(instance({ then, ...members })) as PromiseLike<unknown>;
    tracker.clock.advance(2000);

    expect(await promise).toEqual(completion(10, 4));
    expect(warnings).toEqual([]);
    expect(await outcome(tracker)).toEqual({ status: 'success', stream: false, seconds: 2, inFlight: 0 });
  });

  it('keeps its class, of its own or of Promise', async () => {
    class Later<T> extends Promise<T> {}
    const later = hand(Later.resolve(1));
    const thenable = hand(instance({ then }));

    expect(later.constructor).toBe(Later);
    expect(Reflect.ownKeys(thenable)).not.toContain('constructor');
    expect(await later).toBe(1);
    await thenable;
  });
});

describe('the promise of a client that Fern generates', () => {
  class HttpResponsePromise<T> extends Promise<T> {
    innerPromise: Promise<{ data: T; rawResponse: object }> = undefined as never;

    static of<T>(data: T): HttpResponsePromise<T> {
      const promise = new HttpResponsePromise<T>((resolve) => resolve(data));
      promise.innerPromise = Promise.resolve({ data, rawResponse: { status: 200 } });
      return promise;
    }

    withRawResponse(): Promise<{ data: T; rawResponse: object }> {
      return this.innerPromise;
    }
  }

  it('gives what it holds, as it is, where the data stays the same', async () => {
    const answer = completion(10, 4);
    const made = HttpResponsePromise.of(answer);
    const held = await made.innerPromise;
    const promise = hand(made);

    expect(promise).toBe(made);
    expect(await promise.withRawResponse()).toBe(held);
    expect(await outcome(tracker)).toMatchObject({ status: 'success', stream: false, inFlight: 0 });
  });

  it('gives data that is followed in its place, beside all else that it holds', async () => {
    const frozen = Object.freeze({ [Symbol.asyncIterator]: stream });
    const { data, rawResponse } = await hand(HttpResponsePromise.of(frozen)).withRawResponse();

    expect(rawResponse).toEqual({ status: 200 });
    let items = 0;
    for await (const _ of data) items++;
    expect(items).toBe(2);
    expect(await outcome(tracker)).toMatchObject({ status: 'success', stream: true, inFlight: 0 });
  });
});

describe('a carrier', () => {
  it('that is frozen stays the same where its stream does', () => {
    const carrier = Object.freeze({ stream: stream() });

    expect(hand(carrier)).toBe(carrier);
  });

  it('carries a stream that can be read by a reader alone', async () => {
    const source = new ReadableStream({ start: (controller) => controller.close() });
    const body = instance({ locked: false, getReader: () => source.getReader(), cancel: nothing }) as ReadableStream;
    const carried = hand({ body });

    expect(await carried.body.getReader().read()).toEqual({ done: true, value: undefined });
    expect(await outcome(tracker)).toMatchObject({ status: 'success', stream: true, inFlight: 0 });
  });
});
