import { TrackInference } from 'track-inference';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { finish, role, text } from '../support/chunks.js';
import { collectUntil } from '../support/collect-garbage.js';
import { inFlight, outcome, requests } from '../support/readings.js';

let tracker: TestTracker;
beforeEach(() => {
  tracker = createTestTracker();
});
afterEach(() => tracker.dispose());

const wait = (milliseconds: number) => tracker.clock.advance(milliseconds);

class APIUserAbortError extends Error {}
class APIConnectionTimeoutError extends Error {}

/** A method that waits 100 ms, streams three chunks 100 ms apart, and waits 100 ms before the end. */
class Router {
  @TrackInference()
  run<R>(body: () => R): R {
    return body();
  }

  @TrackInference()
  async runAsync<R>(body: () => R): Promise<Awaited<R>> {
    return await body();
  }

  @TrackInference()
  async *stream(failAfter = 3): AsyncGenerator<object, string, string | undefined> {
    wait(100);
    const chunks = [role, text('a'), text('b')];
    for (const [i, chunk] of chunks.entries()) {
      if (i === failAfter) throw new Error('midway');
      yield chunk;
      wait(100);
    }
    return 'the end';
  }

  @TrackInference()
  *syncStream(failAfter = 3): Generator<object, string, unknown> {
    wait(100);
    const chunks = [role, text('a'), text('b')];
    for (const [i, chunk] of chunks.entries()) {
      if (i === failAfter) throw new Error('midway');
      yield chunk;
      wait(100);
    }
    return 'the end';
  }

  @TrackInference()
  async promisedStream(failAfter = 3): Promise<AsyncGenerator<object, string, string | undefined>> {
    await null;
    wait(50);
    return plainStream(failAfter);
  }
}

async function* plainStream(failAfter: number): AsyncGenerator<object, string, string | undefined> {
  wait(50);
  const chunks = [role, text('a'), text('b')];
  for (const [i, chunk] of chunks.entries()) {
    if (i === failAfter) throw new Error('midway');
    yield chunk;
    wait(100);
  }
  return 'the end';
}

const router = new Router();

describe('a value', () => {
  it.each([
    ['a number', 7],
    ['a string', 'text'],
    ['undefined', undefined],
    ['null', null],
    ['an array', [1, 2]],
    ['a Map', new Map([[1, 2]])],
    ['a frozen object', Object.freeze({ a: 1 })],
    ['a function', () => 1],
    ['an object without prototype', Object.create(null)],
  ])('%s comes back untouched and counts as success', async (_name, value) => {
    expect(router.run(() => value)).toBe(value);
    expect(await outcome(tracker)).toEqual({ status: 'success', stream: false, seconds: 0, inFlight: 0 });
  });

  it('settles when the method returns', async () => {
    router.run(() => wait(250));
    expect(await outcome(tracker)).toEqual({ status: 'success', stream: false, seconds: 0.25, inFlight: 0 });
  });

  it('comes back untouched where it throws when looked at', async () => {
    const hostile = new Proxy(
      {},
      {
        get() {
          throw new Error('trapped');
        },
        has() {
          throw new Error('trapped');
        },
      },
    );
    expect(
      Object.is(
        router.run(() => hostile),
        hostile,
      ),
    ).toBe(true);
    expect(await outcome(tracker)).toEqual({ status: 'success', stream: false, seconds: 0, inFlight: 0 });
  });
});

describe('a failure', () => {
  const failures: [string, () => unknown, string][] = [
    ['an Error', () => new Error('no'), 'error'],
    ['a string', () => 'no', 'error'],
    ['undefined', () => undefined, 'error'],
    ['an AbortError', () => new DOMException('aborted', 'AbortError'), 'cancelled'],
    ['the code ABORT_ERR', () => Object.assign(new Error('aborted'), { code: 'ABORT_ERR' }), 'cancelled'],
    ['the SDK class APIUserAbortError', () => new APIUserAbortError(), 'cancelled'],
    ['a TimeoutError', () => new DOMException('late', 'TimeoutError'), 'error'],
    ["an SDK's timeout", () => new APIConnectionTimeoutError(), 'error'],
  ];

  it.each(failures)('by %s, thrown at once, is the same error and counts as it should', async (_name, make, status) => {
    const error = make();
    let caught: unknown = 'nothing';
    try {
      router.run(() => {
        wait(30);
        throw error;
      });
    } catch (thrown) {
      caught = thrown;
    }
    expect(caught).toBe(error);
    expect(await outcome(tracker)).toEqual({ status, stream: false, seconds: 0.03, inFlight: 0 });
  });

  it.each(failures)('by %s, as a rejection, is the same error and counts as it should', async (_name, make, status) => {
    const error = make();
    const promise = router.run(async () => {
      await null;
      wait(30);
      throw error;
    });
    await expect(promise.catch((thrown) => [thrown])).resolves.toEqual([error]);
    expect(await outcome(tracker)).toEqual({ status, stream: false, seconds: 0.03, inFlight: 0 });
  });
});

describe('a failure while the signal of the call is aborted', () => {
  class Signalled {
    @TrackInference()
    async chat(_request: { signal?: AbortSignal }, ..._rest: unknown[]): Promise<never> {
      throw new Error('socket hang up');
    }

    @TrackInference({ signal: (_request, wrapped) => wrapped.inner })
    async selected(_request: object, _wrapped: { inner: AbortSignal }): Promise<never> {
      throw new Error('socket hang up');
    }
  }
  const left = AbortSignal.abort();
  const late = AbortSignal.abort(new DOMException('late', 'TimeoutError'));
  const open = new AbortController().signal;

  it.each<[string, unknown[], string]>([
    ['in the request', [{ signal: left }], 'cancelled'],
    ['as an argument', [{}, left], 'cancelled'],
    ["in an options argument's signal", [{}, { signal: left }], 'cancelled'],
    ['with a reason that is a string', [{ signal: AbortSignal.abort('client left') }], 'cancelled'],
    ['by a timeout', [{ signal: late }], 'error'],
    ['not at all', [{ signal: open }], 'error'],
    ['only in a second signal', [{ signal: open }, left], 'error'],
  ])('%s', async (_name, args, status) => {
    await expect(new Signalled().chat(...(args as [object]))).rejects.toThrow('socket hang up');
    expect(await outcome(tracker)).toMatchObject({ status, inFlight: 0 });
  });

  it('where the option selects it', async () => {
    await expect(new Signalled().selected({}, { inner: left })).rejects.toThrow();
    expect(await outcome(tracker)).toMatchObject({ status: 'cancelled' });
  });
});

describe('a promise', () => {
  it('settles when it resolves', async () => {
    let answer: () => void = () => {};
    const promise = router.runAsync(async () => {
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      wait(400);
      return 'answer';
    });
    expect(await inFlight(tracker)).toBe(1);
    answer();
    expect(await promise).toBe('answer');
    expect(await outcome(tracker)).toEqual({ status: 'success', stream: false, seconds: 0.4, inFlight: 0 });
  });

  it('is cancelled when it is garbage-collected unsettled', async () => {
    void router.run(() => new Promise(() => {}));
    wait(60_000);
    await collectUntil(async () => (await inFlight(tracker)) === 0);
    expect(await outcome(tracker)).toEqual({ status: 'cancelled', stream: false, seconds: 0, inFlight: 0 });
  });

  it('lives on when only the caller lets go of it', async () => {
    let resolve = (_: string) => {};
    void router.run(() => new Promise<string>((r) => (resolve = r)));
    await collectUntil(() => true);
    expect(await inFlight(tracker)).toBe(1);
    resolve('late');
    await null;
    await null;
    expect(await outcome(tracker)).toMatchObject({ status: 'success', inFlight: 0 });
  });
});

/** Each way of reading a stream to one of its exits, for a sync and an async consumer alike. */
type Consume = (stream: Iterator<object> & AsyncIterator<object, unknown, unknown>) => unknown;
const exits: [string, Consume, object][] = [
  [
    'is read to its end',
    async (stream) => {
      while (!(await stream.next()).done);
    },
    { status: 'success', seconds: 0.4, firstToken: 0.2 },
  ],
  [
    'is left after a chunk',
    async (stream) => {
      await stream.next();
      await stream.next();
      await stream.return?.();
    },
    { status: 'cancelled', seconds: 0.2, firstToken: 0.2 },
  ],
  ['is left before the first chunk', async (stream) => void (await stream.return?.()), { status: 'cancelled' }],
  [
    'is thrown into by its consumer',
    async (stream) => {
      await stream.next();
      try {
        await stream.throw?.(new Error('the consumer broke'));
      } catch {}
    },
    { status: 'cancelled', seconds: 0.1 },
  ],
  [
    'is left and then read on',
    async (stream) => {
      await stream.next();
      await stream.return?.();
      wait(1000);
      await stream.next();
    },
    { status: 'cancelled', seconds: 0.1 },
  ],
];

describe.each([
  ['an async generator', () => router.stream()],
  ['a sync generator', () => router.syncStream()],
  ['a promise of an async generator', () => router.promisedStream()],
] as [string, () => unknown][])('%s', (kind, open) => {
  // A promised stream opens after 50 ms, the others run nothing before the first chunk is asked for.
  const opening = kind === 'a promise of an async generator' ? 0.05 : 0;

  it.each(exits)('%s', async (_name, consume, expected) => {
    await consume((await open()) as never);
    expect(await outcome(tracker)).toEqual({ stream: true, inFlight: 0, seconds: opening, ...expected });
  });

  it('is cancelled when nobody reads it and it is garbage-collected', async () => {
    await (async () => void (await open()))();
    wait(60_000);
    await collectUntil(async () => (await inFlight(tracker)) === 0);
    expect(await outcome(tracker)).toEqual({ status: 'cancelled', stream: true, seconds: opening, inFlight: 0 });
  });

  it('is cancelled when it is garbage-collected half-read', async () => {
    await (async () => {
      const stream = (await open()) as AsyncGenerator<object>;
      await stream.next();
      await stream.next();
    })();
    wait(60_000);
    await collectUntil(async () => (await inFlight(tracker)) === 0);
    expect(await outcome(tracker)).toMatchObject({ status: 'cancelled', seconds: 0.2, firstToken: 0.2, inFlight: 0 });
  });

  it('stays in flight while it is read', async () => {
    const stream = (await open()) as AsyncGenerator<object>;
    await stream.next();
    expect(await inFlight(tracker)).toBe(1);
    await stream.return(undefined);
    expect(await inFlight(tracker)).toBe(0);
  });
});

describe('a stream', () => {
  it.each([
    ['async', () => router.stream(2)],
    ['sync', () => router.syncStream(2)],
    ['promised', () => router.promisedStream(2)],
  ] as [string, () => unknown][])('that fails midway, %s, is an error', async (_name, open) => {
    const stream = (await open()) as AsyncGenerator<object>;
    await expect(
      (async () => {
        for await (const _ of stream);
      })(),
    ).rejects.toThrow('midway');
    expect(await outcome(tracker)).toMatchObject({ status: 'error', stream: true, seconds: 0.3, firstToken: 0.2 });
  });

  it('counts as success when it is left after its finishing chunk', async () => {
    const stream = router.run(async function* () {
      yield text('a');
      yield finish;
      yield 'never reached';
    });
    for await (const chunk of stream) if (chunk === finish) break;
    expect(await outcome(tracker)).toMatchObject({ status: 'success', inFlight: 0 });
  });

  it('is cancelled when it ends quietly because the signal of the call was aborted', async () => {
    const controller = new AbortController();
    class Polite {
      @TrackInference()
      async *chat({ signal }: { signal: AbortSignal }): AsyncGenerator<object> {
        while (!signal.aborted) yield text('a');
      }
    }
    for await (const _ of new Polite().chat({ signal: controller.signal })) controller.abort();
    expect(await outcome(tracker)).toMatchObject({ status: 'cancelled', inFlight: 0 });
  });

  it('closes its source as it would without us', async () => {
    const events: string[] = [];
    const stream = router.run(async function* () {
      try {
        yield 1;
        yield 2;
      } finally {
        events.push('closed');
      }
    });
    for await (const _ of stream) break;
    expect(events).toEqual(['closed']);
    expect(await requests(tracker)).toHaveLength(1);
  });

  it('passes on values given to next() and what the generator returns', async () => {
    const stream = router.run(async function* (): AsyncGenerator<string, string, string> {
      const sent = yield 'first';
      return `got ${sent}`;
    });
    expect(await stream.next('ignored')).toEqual({ done: false, value: 'first' });
    expect(await stream.next('hello')).toEqual({ done: true, value: 'got hello' });
    expect(await stream.next('more')).toEqual({ done: true, value: undefined });
    expect(await outcome(tracker)).toMatchObject({ status: 'success' });
  });

  it('passes on a value given to return()', async () => {
    const stream = router.stream();
    expect(await stream.return('early')).toEqual({ done: true, value: 'early' });
  });

  it('takes several next() at once', async () => {
    const stream = router.stream();
    const results = await Promise.all([stream.next(), stream.next(), stream.next(), stream.next(), stream.next()]);
    expect(results.map(({ done }) => done)).toEqual([false, false, false, true, true]);
    expect(await outcome(tracker)).toMatchObject({ status: 'success', inFlight: 0 });
  });

  it('keeps pace with an iterator that answers several next() at once out of order', async () => {
    const resolvers: ((result: IteratorResult<number>) => void)[] = [];
    const source: AsyncIterableIterator<number> = {
      next: () => new Promise((resolve) => resolvers.push(resolve)),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
    const stream = router.run(() => source);
    const [first, second] = [stream.next(), stream.next()];
    expect(resolvers).toHaveLength(2);
    resolvers[1]?.({ done: false, value: 2 });
    expect(await second).toEqual({ done: false, value: 2 });
    resolvers[0]?.({ done: true, value: undefined });
    await first;
    expect(await outcome(tracker)).toMatchObject({ status: 'success', inFlight: 0 });
  });

  it('runs nothing before it is read', async () => {
    let started = false;
    const stream = router.run(async function* () {
      started = true;
      yield 1;
    });
    await null;
    expect(started).toBe(false);
    await stream.next();
    expect(started).toBe(true);
    await stream.return();
  });

  it('is the same object, of the same class, with its own members', async () => {
    class TokenStream implements AsyncIterableIterator<number> {
      #left = 2;
      readonly id = 'abc';
      async next(): Promise<IteratorResult<number>> {
        return this.#left-- > 0 ? { done: false, value: this.#left } : { done: true, value: undefined };
      }
      abort(): void {
        this.#left = 0;
      }
      [Symbol.asyncIterator](): this {
        return this;
      }
    }
    const source = new TokenStream();
    const stream = router.run(() => source);
    expect(stream).toBe(source);
    expect(stream).toBeInstanceOf(TokenStream);
    await stream.next();
    stream.abort();
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(Object.keys(stream)).toEqual(['id']);
    expect(await outcome(tracker)).toMatchObject({ status: 'success' });
  });

  it('is followed through an heir where it is frozen', async () => {
    const source = Object.freeze({
      left: [1, 2],
      async next(): Promise<IteratorResult<number | undefined>> {
        return this.left.length > 0 ? { done: false, value: this.left.shift() } : { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    });
    const items: unknown[] = [];
    for await (const item of router.run(() => source)) items.push(item);
    expect(items).toEqual([1, 2]);
    expect(await outcome(tracker)).toMatchObject({ status: 'success', stream: true, inFlight: 0 });
  });

  it('can be left where its source has no return()', async () => {
    const source = {
      async next() {
        return { done: false, value: 1 };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
    for await (const _ of router.run(() => source)) break;
    expect(await outcome(tracker)).toMatchObject({ status: 'cancelled', inFlight: 0 });
  });
});

describe('an async iterable', () => {
  function iterable() {
    return {
      passes: 0,
      async *[Symbol.asyncIterator]() {
        this.passes++;
        yield text('a');
        wait(10);
      },
    };
  }

  it('stays the same object and settles with its first pass', async () => {
    const source = iterable();
    const result = router.run(() => source);
    expect(result).toBe(source);
    for (let pass = 0; pass < 2; pass++) {
      const items: object[] = [];
      for await (const item of result) items.push(item);
      expect(items).toEqual([text('a')]);
    }
    expect(source.passes).toBe(2);
    expect(await outcome(tracker)).toEqual({
      status: 'success',
      stream: true,
      seconds: 0.01,
      firstToken: 0,
      inFlight: 0,
    });
  });

  it('is cancelled when nobody iterates it and it is garbage-collected', async () => {
    (() => void router.run(iterable))();
    await collectUntil(async () => (await inFlight(tracker)) === 0);
    expect(await outcome(tracker)).toMatchObject({ status: 'cancelled', stream: true });
  });

  it('stays in flight while only its iterator is held', async () => {
    const iterator = (() => router.run(iterable)[Symbol.asyncIterator]())();
    await iterator.next();
    await collectUntil(() => true);
    expect(await inFlight(tracker)).toBe(1);
    await iterator.next();
    expect(await outcome(tracker)).toMatchObject({ status: 'success', inFlight: 0 });
  });
});

describe('a thenable', () => {
  class Lazy implements PromiseLike<string> {
    runs = 0;
    // biome-ignore lint/suspicious/noThenProperty: a query builder that runs when it is awaited.
    then<A = string, B = never>(
      onFulfilled?: ((value: string) => A | PromiseLike<A>) | null,
      onRejected?: ((error: unknown) => B | PromiseLike<B>) | null,
    ): Promise<A | B> {
      this.runs++;
      return Promise.resolve('row').then(onFulfilled, onRejected);
    }
  }

  it('stays the same object, runs when it is awaited and as often', async () => {
    const source = new Lazy();
    const result = router.run(() => source);
    expect(result).toBe(source);
    await null;
    expect(source.runs).toBe(0);
    expect(await inFlight(tracker)).toBe(1);
    expect(await result).toBe('row');
    expect(source.runs).toBe(1);
    expect(await result).toBe('row');
    expect(source.runs).toBe(2);
    expect(await outcome(tracker)).toMatchObject({ status: 'success', stream: false, inFlight: 0 });
  });

  it('is cancelled when it is never awaited and collected', async () => {
    (() => void router.run(() => new Lazy()))();
    await collectUntil(async () => (await inFlight(tracker)) === 0);
    expect(await outcome(tracker)).toMatchObject({ status: 'cancelled' });
  });

  it.each([
    ['with members of its own', () => Object.assign(Promise.resolve('value'), { requestId: 'r1' })],
    ['of a subclass', () => class Fancy extends Promise<string> {}.resolve('value')],
  ])('that is a promise %s stays the same object', async (_name, make) => {
    const source = make();
    const result = router.run(() => source);
    expect(result).toBe(source);
    expect(result).toBeInstanceOf(Promise);
    expect(await result).toBe('value');
    expect(await result.then((value) => value.length)).toBe(5);
    expect(await outcome(tracker)).toMatchObject({ status: 'success', inFlight: 0 });
  });
});
