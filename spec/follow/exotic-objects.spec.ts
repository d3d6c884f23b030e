import { type DiagLogger, diag } from '@opentelemetry/api';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { text, usage } from '../support/chunks.js';
import { outcome, requests } from '../support/readings.js';

let tracker: TestTracker;
beforeEach(() => {
  tracker = createTestTracker();
});
afterEach(() => {
  diag.disable();
  return tracker.dispose();
});

const hand = <R>(value: R): R => tracker.trackInference(() => value)();

async function* stream(): AsyncGenerator<object, void, undefined> {
  yield text('a');
  yield usage(10, 4);
}

async function count(source: AsyncIterable<unknown>): Promise<number> {
  let items = 0;
  for await (const _ of source) items++;
  return items;
}

class Iterable {
  readonly #made = stream;
  [Symbol.asyncIterator]() {
    return this.#made();
  }
}

describe('a value', () => {
  it.each<[what: string, value: unknown]>([
    ['an array', [1, 2]],
    ['a map', new Map([[1, 2]])],
    ['a set', new Set([1])],
    ['a typed array', new Uint8Array(3)],
    ['a buffer', Buffer.from('x')],
    ['a date', new Date(0)],
    ['an error', new Error('x')],
    ['a function', () => {}],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 })],
    ['a frozen object', Object.freeze({ a: 1 })],
    ['an event target', new EventTarget()],
    ['headers', new Headers()],
    ['a request', new Request('http://127.0.0.1/')],
    ['a blob', new Blob(['x'])],
    ['an abort controller', new AbortController()],
    ['a string object', new String('x')],
  ])('that is %s is handed out untouched, and settles at once', async (_, value) => {
    const keys = value instanceof Object ? Reflect.ownKeys(value) : [];
    expect(hand(value)).toBe(value);
    expect(value instanceof Object ? Reflect.ownKeys(value) : []).toEqual(keys);
    expect(await outcome(tracker)).toMatchObject({ status: 'success', stream: false, inFlight: 0 });
  });

  it('that throws when it is looked at is handed out, settles, and is reported once', async () => {
    const warnings: string[] = [];
    diag.setLogger({ warn: (message) => warnings.push(message) } as Partial<DiagLogger> as DiagLogger);
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('do not look');
        },
      },
    );
    expect(hand({ it: hostile }).it).toBe(hostile);
    const call = tracker.trackInference(() => hostile);
    expect(call()).toBe(hostile);
    expect(call()).toBe(hostile);
    expect(await requests(tracker)).toEqual([expect.objectContaining({ status: 'success', count: 3 })]);
    expect(warnings.filter((warning) => warning.includes('following a returned object'))).toHaveLength(1);
    expect(new Set(warnings).size).toBe(warnings.length);
  });
});

describe('a stream', () => {
  it.each<[what: string, make: () => AsyncIterable<unknown> & object]>([
    ['frozen', () => Object.freeze(stream())],
    ['sealed', () => Object.seal(stream())],
    ['not extensible', () => Object.preventExtensions(stream())],
    [
      'iterable and frozen',
      () =>
        Object.freeze(
          new (class {
            [Symbol.asyncIterator] = stream;
          })(),
        ),
    ],
    [
      'with a member that cannot be replaced',
      () => Object.defineProperty(stream(), 'return', { value: undefined, writable: false, configurable: false }),
    ],
    [
      'behind a proxy',
      () =>
        new Proxy(
          new (class {
            [Symbol.asyncIterator] = stream;
          })(),
          {},
        ),
    ],
    [
      'behind a proxy that refuses to be changed',
      () =>
        new Proxy(
          new (class {
            [Symbol.asyncIterator] = stream;
          })(),
          {
            defineProperty: () => false,
            isExtensible: () => true,
          },
        ),
    ],
    ['of a class with private members', () => new Iterable()],
    ['without a prototype', () => Object.assign(Object.create(null), { [Symbol.asyncIterator]: stream })],
  ])('that is %s is read and counted, and not harmed', async (_, make) => {
    const source = make();
    const keys = Reflect.ownKeys(source);
    const followed = hand(source);
    if (!Object.isExtensible(source)) expect(Reflect.ownKeys(source)).toEqual(keys);
    tracker.clock.advance(1000);
    expect(await count(followed)).toBe(2);
    expect(await outcome(tracker)).toMatchObject({ status: 'success', stream: true, seconds: 1, inFlight: 0 });
    expect((await tracker.rows('tokens_per_second')).map(({ sum }) => sum)).toEqual([14]);
  });

  it('shows nothing of us to who lists or prints it', () => {
    const source = hand(new Iterable());
    expect(Object.keys(source)).toEqual([]);
    expect(JSON.stringify(source)).toBe('{}');
    expect({ ...source }).toEqual({});
  });
});
