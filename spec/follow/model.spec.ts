import { Readable } from 'node:stream';
import fc from 'fast-check';
import { Stream } from 'openai/core/streaming';
import { Observable } from 'rxjs';
import { createTestTracker } from 'track-inference/testing';
import { finish, role, text } from '../support/chunks.js';
import { inFlight, requests } from '../support/readings.js';

/** What the backend does: so many chunks, then its end; it may heed the signal, and send the finishing chunk last. */
interface Script {
  readonly chunks: number;
  readonly finishes: boolean;
  readonly ending: 'ends' | 'fails' | 'times out' | 'aborts';
  readonly heeds: boolean;
}
type Act = 'next' | 'next twice' | 'leave' | 'throw in' | 'abort' | 'begin again' | 'cancel';
type Chunks = AsyncGenerator<unknown, unknown, unknown>;

/** How a consumer can act on what was returned; what a kind has no way for is left out. */
interface Consumer {
  next(): unknown;
  leave(): unknown;
  throwIn?(error: unknown): unknown;
  beginAgain?(): unknown;
  cancel?(): unknown;
  /** Cuts the object itself short, where it has a controller of its own. */
  abort?(): void;
  /** How its life went so far, where that is not told by what its consumer sees. */
  life?(): { readonly how: 'ended' | 'failed' | 'left'; readonly error?: unknown } | undefined;
}
interface Kind {
  make(chunks: Chunks): unknown;
  consume(returned: never): Consumer;
}

const failure = new Error('the backend failed');
const endings = {
  ends: undefined,
  fails: failure,
  'times out': new DOMException('the backend took too long', 'TimeoutError'),
  aborts: new DOMException('called off', 'AbortError'),
};
const ALL = [role, text('a'), text('b'), text('c')];

async function* backend(script: Script, signal: AbortSignal): Chunks {
  const items = ALL.slice(0, script.chunks);
  if (script.finishes) items.push(finish);
  for (const item of items) {
    if (script.heeds) signal.throwIfAborted();
    yield item;
  }
  if (script.heeds) signal.throwIfAborted();
  if (script.ending !== 'ends') throw endings[script.ending];
  return 'returned';
}

const byIterator = (iterable: AsyncIterable<unknown>): Consumer => {
  let iterator = iterable[Symbol.asyncIterator]();
  return {
    next: () => iterator.next(),
    leave: () => iterator.return?.('left'),
    ...(typeof iterator.throw === 'function' && { throwIn: (error: unknown) => iterator.throw?.(error) }),
    beginAgain() {
      iterator = iterable[Symbol.asyncIterator]();
    },
  };
};

/** Of one that has no `return`: a followed one has, and gives what a generator's would. */
const byBareIterator = (iterable: AsyncIterable<unknown>): Consumer => {
  const consumer = byIterator(iterable);
  return { ...consumer, leave: async () => void (await consumer.leave()) };
};

const byReader = (stream: ReadableStream): Consumer => {
  let reader = stream.getReader();
  return {
    next: () => reader.read(),
    leave: () => reader.cancel('left'),
    beginAgain() {
      reader.releaseLock();
      reader = stream.getReader();
    },
    // Of a stream that is locked, which it refuses.
    cancel: () => stream.cancel('locked'),
  };
};

const byNode = (stream: Readable): Consumer => {
  let life: ReturnType<NonNullable<Consumer['life']>>;
  const lives = (how: NonNullable<typeof life>['how']) => (error?: unknown) => {
    life ??= { how, error };
  };
  stream.on('end', lives('ended')).on('error', lives('failed')).on('close', lives('left'));
  const iterator = stream[Symbol.asyncIterator]();
  return {
    next: () => iterator.next(),
    leave() {
      lives('left')();
      stream.destroy();
    },
    throwIn: (error) => void stream.destroy(error as Error),
    life: () => life,
  };
};

/** One that takes no chunk before its consumer asks for it, and pushes it then. */
const byPushes = (observable: Observable<unknown> & { push?: () => Promise<void> }): Consumer => {
  const seen: unknown[] = [];
  const subscription = observable.subscribe({
    next: (value) => seen.push({ done: false, value }),
    error: (error) => seen.push(error),
    complete: () => seen.push({ done: true, value: undefined }),
  });
  return {
    async next() {
      await observable.push?.();
      const result = seen.shift();
      if (result === undefined) return 'nothing';
      if (typeof result === 'object' && result !== null && 'done' in result) return result;
      throw result;
    },
    leave: () => subscription.unsubscribe(),
  };
};

class Later<T> extends Promise<T> {}

class Thenable {
  constructor(private readonly value: unknown) {}

  // biome-ignore lint/suspicious/noThenProperty: that is what is tested.
  then(take: (value: unknown) => void): void {
    take(this.value);
  }
}

/** An async iterable that is no iterator, or an iterator with `next` alone. */
const iterableOf = (chunks: Chunks) => ({ [Symbol.asyncIterator]: () => chunks });
const bareIterator = (chunks: Chunks) => ({
  next: () => chunks.next(),
  [Symbol.asyncIterator]() {
    return this;
  },
});

function webStream(chunks: Chunks, type?: 'bytes'): ReadableStream {
  return new ReadableStream(
    {
      type,
      async pull(controller: ReadableByteStreamController) {
        const { done, value } = await chunks.next();
        if (!done) return controller.enqueue((type ? eventOf(value) : value) as never);
        controller.close();
        controller.byobRequest?.respond(0);
      },
      cancel: async () => void (await chunks.return(undefined)),
    } as UnderlyingByteSource,
    { highWaterMark: 0 },
  );
}
const eventOf = (value: unknown) => new TextEncoder().encode(`data: ${JSON.stringify(value)}\n\n`);

function pushed(chunks: Chunks): Observable<unknown> {
  const pushes: (() => Promise<void>)[] = [];
  const observable = new Observable<unknown>((subscriber) => {
    pushes.push(async () => {
      if (subscriber.closed) return;
      try {
        const { done, value } = await chunks.next();
        if (done) subscriber.complete();
        else subscriber.next(value);
      } catch (error) {
        subscriber.error(error);
      }
    });
  });
  return Object.assign(observable, { push: async () => void (await Promise.all(pushes.map((push) => push()))) });
}

const sse = { headers: { 'content-type': 'text/event-stream' } };
const kinds: Record<string, Kind> = {
  'an async generator': { make: (chunks) => chunks, consume: byIterator },
  'a promise of one': { make: async (chunks) => chunks, consume: byIterator },
  'a promise subclass of one': { make: (chunks) => new Later((resolve) => resolve(chunks)), consume: byIterator },
  'a thenable of one': { make: (chunks) => new Thenable(chunks), consume: byIterator },
  'an iterator with next alone': { make: bareIterator, consume: byBareIterator },
  'a frozen iterator': { make: (chunks) => Object.freeze(bareIterator(chunks)), consume: byBareIterator },
  'an async iterable': { make: iterableOf, consume: byIterator },
  'a frozen async iterable': { make: (chunks) => Object.freeze(iterableOf(chunks)), consume: byIterator },
  'a carrier of an async iterable': {
    make: (chunks) => ({ stream: iterableOf(chunks), requestId: 'r1' }),
    consume: ({ stream }: { stream: AsyncIterable<unknown> }) => byIterator(stream),
  },
  'an SDK stream': {
    make: (chunks) => new Stream(() => chunks, new AbortController()),
    consume: (stream: Stream<unknown>) => ({ ...byIterator(stream), abort: () => stream.controller.abort() }),
  },
  'a web stream': { make: (chunks) => webStream(chunks), consume: byReader },
  'a promise of a web stream': { make: async (chunks) => webStream(chunks), consume: byReader },
  'a frozen web stream': { make: (chunks) => Object.freeze(webStream(chunks)), consume: byReader },
  'a web stream that is iterated': { make: (chunks) => webStream(chunks), consume: byIterator },
  'a Response of events': {
    make: (chunks) => new Response(webStream(chunks, 'bytes'), sse),
    consume: ({ body }: Response) => byReader(body as ReadableStream),
  },
  'a Node Readable': { make: (chunks) => Readable.from(chunks, { highWaterMark: 1 }), consume: byNode },
  'an Observable': { make: pushed, consume: byPushes },
};

/** What the consumer saw of one act: what it got, or what was thrown. */
interface Seen {
  readonly act: Act;
  readonly got?: unknown;
  readonly thrown?: unknown;
}

async function perform(consumer: Consumer, act: Act, controller: AbortController): Promise<Seen[]> {
  const note = async (step: () => unknown): Promise<Seen> => {
    try {
      return { act, got: await step() };
    } catch (thrown) {
      return { act, thrown };
    }
  };
  switch (act) {
    case 'next':
      return [await note(() => consumer.next())];
    case 'next twice':
      return Promise.all([note(() => consumer.next()), note(() => consumer.next())]);
    case 'leave':
      return [await note(() => consumer.leave())];
    case 'throw in':
      return consumer.throwIn === undefined ? [] : [await note(() => consumer.throwIn?.(failure))];
    case 'begin again':
      return consumer.beginAgain === undefined ? [] : [await note(() => consumer.beginAgain?.())];
    case 'cancel':
      return consumer.cancel === undefined ? [] : [await note(() => consumer.cancel?.())];
    case 'abort':
      return [await note(() => (consumer.abort ?? (() => controller.abort()))())];
  }
}

/** Chunks that carry output, as their consumer sees them. */
const isFinish = (value: unknown) =>
  value === finish || (value instanceof Uint8Array && new TextDecoder().decode(value).includes('"stop"'));

/** How a call must be counted whose consumer saw all this; undefined while it goes on. */
function statusOf(seen: readonly Seen[], consumer: Consumer, ownAbort: boolean): string | undefined {
  let isAborted = false;
  let isFinished = false;
  for (const { act, got, thrown } of seen) {
    if (act === 'abort') {
      isAborted = true;
      // A stream's own controller ends it where nothing is under way.
      if (ownAbort) return isFinished ? 'success' : 'cancelled';
    }
    if (consumer.life === undefined) {
      if (act === 'leave' || act === 'throw in') return isFinished ? 'success' : 'cancelled';
      if (!act.startsWith('next')) continue;
      if (thrown !== undefined) return failedAs(thrown, isAborted);
      const { done, value } = (got ?? {}) as { done?: boolean; value?: unknown };
      if (done === true) return isFinished || !isAborted ? 'success' : 'cancelled';
      if (isFinish(value)) isFinished = true;
    } else if (isFinish((got as { value?: unknown } | undefined)?.value)) isFinished = true;
  }
  const life = consumer.life?.();
  if (life?.how === 'ended') return isFinished || !isAborted ? 'success' : 'cancelled';
  if (life?.how === 'left') return isFinished ? 'success' : 'cancelled';
  return life && failedAs(life.error, isAborted);
}

function failedAs(error: unknown, isAborted: boolean): string {
  if (error === endings['times out']) return 'error';
  return isAborted || error === endings.aborts ? 'cancelled' : 'error';
}

const turn = () => new Promise((resolve) => setImmediate(resolve));
const script: fc.Arbitrary<Script> = fc.record({
  chunks: fc.integer({ min: 0, max: 4 }),
  finishes: fc.boolean(),
  ending: fc.constantFrom<Script['ending']>('ends', 'ends', 'fails', 'times out', 'aborts'),
  heeds: fc.boolean(),
});
const acts: readonly Act[] = ['next twice', 'leave', 'throw in', 'abort', 'begin again', 'cancel'];
const act = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Act>('next') },
  { weight: 6, arbitrary: fc.constantFrom(...acts) },
);

describe.each(Object.entries(kinds))('random acts on %s', (_, { make, consume }) => {
  it('have the results of its bare twin, and are one request with the right status', async () => {
    await fc.assert(
      fc.asyncProperty(script, fc.array(act, { maxLength: 9 }), async (script, acts) => {
        const tracker = createTestTracker({ replaceDefault: false });
        try {
          const open = async (wrap: <F extends (options: { signal: AbortSignal }) => unknown>(fn: F) => F) => {
            const controller = new AbortController();
            const { signal } = controller;
            const returned = await wrap(({ signal }) => make(backend(script, signal)))({ signal });
            return { controller, consumer: consume(returned as never), seen: [] as Seen[] };
          };
          const tracked = await open((fn) => tracker.trackInference(fn));
          const bare = await open((fn) => fn);
          expect(await inFlight(tracker)).toBe(1);

          let status: string | undefined;
          for (const next of [...acts, 'leave' as const]) {
            for (const run of [tracked, bare]) run.seen.push(...(await perform(run.consumer, next, run.controller)));
            if (bare.consumer.life !== undefined) await turn();
            status ??= statusOf(bare.seen, bare.consumer, bare.consumer.abort !== undefined);
            expect(await inFlight(tracker)).toBe(status === undefined ? 1 : 0);
          }

          expect(tracked.seen).toEqual(bare.seen);
          expect(await requests(tracker)).toMatchObject([{ status, stream: true, count: 1 }]);
        } finally {
          await tracker.dispose();
        }
      }),
      { numRuns: 30 },
    );
  });
});
