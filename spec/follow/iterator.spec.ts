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
