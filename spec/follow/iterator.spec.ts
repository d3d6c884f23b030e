import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { text, usage } from '../support/chunks.js';
import { collectUntil } from '../support/collect-garbage.js';
import { inFlight, requests } from '../support/readings.js';

let tracker: TestTracker;
beforeEach(() => {
  tracker = createTestTracker();
});
afterEach(() => tracker.dispose());

const chat = (make: () => unknown) => tracker.trackInference((_request: { model: string }) => make(), 'chat');

/** An iterator whose own methods reach itself, as closures do. */
function selfReferring(chunks: readonly object[]) {
  const state = { at: 0 };
  const iterator = {
    next: async () => {
      const value = chunks[state.at++];
      return value === undefined ? { done: true, value: iterator } : { done: false, value };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}

const hand = <R>(returned: R): R => tracker.trackInference(() => returned, 'chat')();
const statuses = async () =>
  (await requests(tracker)).map((row) =>
    Object.values(row).find((value) => /success|error|cancelled/.test(`${value}`)),
  );

describe('an object with next', () => {
  it.each<[what: string, object: object]>([
    ['that is not iterable', { next: () => ({ done: true }) }],
    ['that is no function', { next: 7, [Symbol.iterator]: () => [][Symbol.iterator]() }],
  ])('%s is a value', async (_, object) => {
    expect(hand(object)).toBe(object);
    expect(Object.getOwnPropertySymbols(object).filter((symbol) => symbol !== Symbol.iterator)).toEqual([]);
    expect(await requests(tracker)).toMatchObject([{ stream: false, status: 'success', count: 1 }]);
  });

  it.each<[what: string, key: symbol]>([
    ['sync', Symbol.iterator],
    ['async', Symbol.asyncIterator],
  ])('that is %s iterable is a stream', async (_, key) => {
    const object = {
      next: () => ({ done: true, value: 'end' }),
      [key]() {
        return this;
      },
    };
    expect(hand(object)).toBe(object);
    expect(object.next()).toEqual({ done: true, value: 'end' });
    expect(await requests(tracker)).toMatchObject([{ stream: true, status: 'success', count: 1 }]);
  });
});

/** An iterator that gives each of these in turn: a result, or what a function makes of the arguments of `next`. */
function answering(key: symbol, answers: unknown[], members: object = {}) {
  return {
    next: (...args: unknown[]) => {
      const answer = answers.shift();
      return typeof answer === 'function' ? answer(...args) : answer;
    },
    [key]() {
      return this;
    },
    ...members,
  } as unknown as AsyncGenerator<unknown> & Generator<unknown>;
}

describe('what its consumer asks of an iterator', () => {
  it('goes to its own methods, with this and every argument, and comes back as it is', () => {
    const calls: unknown[][] = [];
    class Own {
      readonly #id = 'own';
      next(...args: unknown[]) {
        calls.push(['next', this.#id, ...args]);
        return results.next;
      }
      return(...args: unknown[]) {
        calls.push(['return', this.#id, ...args]);
        return results.return;
      }
      throw(...args: unknown[]) {
        calls.push(['throw', this.#id, ...args]);
        return results.throw;
      }
      [Symbol.iterator]() {
        return this;
      }
    }
    const results = {
      next: { done: false, value: 1 },
      return: { done: true, value: 2 },
      throw: { done: true, value: 3 },
    };
    const followed = hand(new Own());
    expect(followed.next()).toBe(results.next);
    expect(followed.next('a', 'b')).toBe(results.next);
    expect(followed.return('c')).toBe(results.return);
    expect(followed.throw('d')).toBe(results.throw);
    expect(calls).toEqual([
      ['next', 'own'],
      ['next', 'own', 'a', 'b'],
      ['return', 'own', 'c'],
      ['throw', 'own', 'd'],
    ]);
  });

  it('ends in an error where next throws, and that is thrown', async () => {
    const failure = new Error('down');
    const followed = hand(
      answering(Symbol.iterator, [
        () => {
          throw failure;
        },
      ]),
    );
    expect(() => followed.next()).toThrow(failure);
    expect(await statuses()).toEqual(['error']);
  });

  it.each<[what: string, result: unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a number', 7],
  ])('is passed on and counts for nothing where next gives %s', async (_, result) => {
    const followed = hand(answering(Symbol.iterator, [result, { done: true, value: 0 }]));
    expect(followed.next()).toBe(result);
    expect(await inFlight(tracker)).toBe(1);
    followed.next();
    expect(await statuses()).toEqual(['success']);
  });

  it('may come by a thenable, whose result and error are passed on', async () => {
    const failure = new Error('down');
    const result = { done: false, value: text('a') };
    const thenable = (settle: (ok: (value: unknown) => unknown, no: (error: unknown) => unknown) => unknown) =>
      Object.defineProperty({}, 'then', { value: settle });
    const followed = hand(
      answering(Symbol.asyncIterator, [
        thenable((ok) => ok(result)),
        thenable((_, no) => Promise.reject(failure).catch(no)),
      ]),
    );
    expect(await followed.next()).toBe(result);
    await expect(followed.next()).rejects.toBe(failure);
    expect(await requests(tracker)).toMatchObject([{ model: 'served-model', status: 'error', count: 1 }]);
  });
});

describe('an iterator without some methods', () => {
  it('that is sync gives what a generator would when it is left', async () => {
    const followed = hand(answering(Symbol.iterator, []));
    expect(followed.return('left')).toEqual({ done: true, value: 'left' });
    expect(await statuses()).toEqual(['cancelled']);
  });

  it('that is async gives a promise of what a generator would', async () => {
    const left: unknown = hand(answering(Symbol.asyncIterator, [])).return('left');
    expect(left).toBeInstanceOf(Promise);
    expect(await left).toEqual({ done: true, value: 'left' });
    expect(await statuses()).toEqual(['cancelled']);
  });

  it('can be left where what is in the place of return is none', async () => {
    const followed = hand(answering(Symbol.iterator, [], { return: 'no function' }));
    expect(followed.return('left')).toEqual({ done: true, value: 'left' });
    expect(await statuses()).toEqual(['cancelled']);
  });

  it.each([
    ['none', {}],
    ['something else in its place', { throw: 'no function' }],
  ])('gets no throw where it has %s', (_, members: object) => {
    const own = Object.getOwnPropertyDescriptor(members, 'throw')?.value;
    expect(hand(answering(Symbol.iterator, [], members)).throw).toBe(own);
  });

  it('is cancelled also where its return throws, or is refused', async () => {
    const failure = new Error('cannot be left');
    const throwing = answering(Symbol.iterator, [], {
      return() {
        throw failure;
      },
    });
    expect(() => hand(throwing).return('left')).toThrow(failure);
    const refusing = answering(Symbol.asyncIterator, [], { return: () => Promise.reject(failure) });
    await expect(hand(refusing).return('left')).rejects.toBe(failure);
    expect(await requests(tracker)).toMatchObject([{ status: 'cancelled', count: 2 }]);
  });

  it('is cancelled by a throw that throws on', async () => {
    const failure = new Error('thrown in');
    const followed = hand(
      (function* () {
        yield 1;
      })(),
    );
    expect(() => followed.throw(failure)).toThrow(failure);
    expect(await statuses()).toEqual(['cancelled']);
  });
});

describe('iterators that inherit their methods', () => {
  it('are followed each with its own, where one has replaced one of them', async () => {
    class Base {
      next(): { done: boolean; value: string } {
        return { done: true, value: 'base' };
      }
      return(value: string) {
        return { done: true, value: `base ${value}` };
      }
      throw(value: string) {
        return { done: true, value: `thrown ${value}` };
      }
      [Symbol.iterator]() {
        return this;
      }
    }
    class Other extends Base {
      override return(value: string) {
        return { done: true, value: `other ${value}` };
      }
    }
    const own = Object.assign(new Base(), { throw: (value: string) => ({ done: true, value: `own ${value}` }) });
    const all = [new Base(), new Other(), own, new Base(), new Other()].map((one) => hand(one));
    expect(all.map((one) => one.return('x').value)).toEqual(['base x', 'other x', 'base x', 'base x', 'other x']);
    expect(all.map((one) => one.throw('y').value)).toEqual(['thrown y', 'thrown y', 'own y', 'thrown y', 'thrown y']);
    expect(all.map((one) => one.next().value)).toEqual(['base', 'base', 'base', 'base', 'base']);
    Base.prototype.next = () => ({ done: true, value: 'changed' });
    expect(hand(new Base()).next().value).toBe('changed');
    expect(await requests(tracker)).toMatchObject([
      { status: 'cancelled', count: 5 },
      { status: 'success', count: 1 },
    ]);
  });
});

describe('a followed iterator', () => {
  it('is let go of when its own methods reach it and no other stream comes after it', async () => {
    const open = async () => {
      const stream = chat(() => selfReferring([text('a')]))({ model: 'm' }) as AsyncIterator<object>;
      await stream.next();
    };
    await open();
    expect(await inFlight(tracker)).toBe(1);
    await collectUntil(async () => (await inFlight(tracker)) === 0);
    expect(await requests(tracker)).toMatchObject([{ model: 'm', status: 'cancelled', count: 1 }]);
  });

  it('keeps apart what many streams wait for at once, each asked for several chunks before the first comes', async () => {
    const models = Array.from({ length: 40 }, (_, index) => `m${index}`);
    const open = models.map((model, index) => {
      const waiting: ((result: IteratorResult<object>) => void)[] = [];
      const stream = chat(() => ({
        next: () => new Promise<IteratorResult<object>>((resolve) => waiting.push(resolve)),
        [Symbol.asyncIterator]() {
          return this;
        },
      }))({ model }) as AsyncIterator<object>;
      const steps = [stream.next(), stream.next(), stream.next()];
      return { index, waiting, steps };
    });
    // The steps of all streams are answered crosswise: one of each in turn, every other stream from the back.
    for (const step of [0, 1, 2]) {
      for (const { index, waiting } of inTurn(open, step)) {
        const value = step === 0 ? text(`${index}`) : usage(index, 1);
        waiting[step]?.(step === 2 ? { done: true, value: undefined } : { done: false, value });
        await Promise.resolve();
      }
    }
    for (const { index, steps } of open) {
      expect(await Promise.all(steps)).toEqual([
        { done: false, value: text(`${index}`) },
        { done: false, value: usage(index, 1) },
        { done: true, value: undefined },
      ]);
    }
    expect(await requests(tracker)).toHaveLength(models.length);
    expect((await requests(tracker)).every((row) => 'status' in row && row.status === 'success')).toBe(true);
    expect(await inFlight(tracker)).toBe(0);
  });

  it('does not mix streams up where a thenable calls back twice', async () => {
    const twice = (value: object) => ({
      // biome-ignore lint/suspicious/noThenProperty: the thenable is what is tried.
      then(resolve: (result: object) => unknown) {
        resolve({ done: false, value });
        return Promise.resolve(resolve({ done: false, value }));
      },
    });
    const stream = chat(() => ({
      next: () => twice(text('a')),
      return: () => ({ done: true }),
      [Symbol.asyncIterator]() {},
    }))({
      model: 'odd',
    }) as unknown as { next(): Promise<unknown>; return(): unknown };
    const plain = chat(() => selfReferring([text('b'), text('c')]))({ model: 'plain' }) as AsyncIterator<object>;
    expect(await stream.next()).toEqual({ done: false, value: text('a') });
    while (!(await plain.next()).done) await stream.next();
    stream.return();
    expect(await requests(tracker)).toMatchObject([
      { model: 'plain', status: 'success', count: 1 },
      { model: 'odd', status: 'cancelled', count: 1 },
    ]);
    expect(await inFlight(tracker)).toBe(0);
  });
});

function inTurn<T>(list: readonly T[], step: number): readonly T[] {
  return step % 2 === 0 ? list : [...list].reverse();
}
