import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { finish, text, usage } from '../support/chunks.js';
import { inFlight, only, outcome, requests } from '../support/readings.js';

let tracker: TestTracker;
beforeEach(() => {
  tracker = createTestTracker();
});
afterEach(() => tracker.dispose());

const hand = <R>(returned: R): R => tracker.trackInference(() => returned, 'chat')();

async function collect(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** An async iterable that gives as many passes as it is asked for, and counts them. */
function repeatable(make = () => [text('a'), usage(10, 4)]) {
  return {
    passes: 0,
    async *[Symbol.asyncIterator]() {
      this.passes++;
      yield* make();
      tracker.clock.advance(1000);
    },
  };
}

describe('an async iterable', () => {
  it('that cannot be iterated is an error, with that very error', async () => {
    const failure = new Error('no passes');
    const followed = hand({
      [Symbol.asyncIterator](): AsyncIterator<object> {
        throw failure;
      },
    });
    expect(() => followed[Symbol.asyncIterator]()).toThrow(failure);
    expect(await outcome(tracker)).toEqual({ status: 'error', stream: true, seconds: 0, inFlight: 0 });
    expect(() => followed[Symbol.asyncIterator]()).toThrow(failure);
    expect(await requests(tracker)).toMatchObject([{ status: 'error', count: 1 }]);
  });

  it('begins no pass before it is asked for one', async () => {
    const followed = hand(repeatable());
    expect(followed.passes).toBe(0);
    tracker.clock.advance(50);
    expect(await collect(followed)).toHaveLength(2);
    expect(await outcome(tracker)).toEqual({
      status: 'success',
      stream: true,
      seconds: 1.05,
      firstToken: 0.05,
      inFlight: 0,
    });
    expect(await only(tracker, 'tokens_per_second')).toMatchObject({ count: 1 });
  });

  it('is counted with its first pass, whatever comes of a second one at the same time', async () => {
    const followed = hand(repeatable());
    const [first, second] = [followed[Symbol.asyncIterator](), followed[Symbol.asyncIterator]()];
    expect(await second.next()).toEqual({ done: false, value: text('a') });
    await second.return(undefined);
    expect(await inFlight(tracker)).toBe(1);
    while (!(await first.next()).done);
    expect(await outcome(tracker)).toMatchObject({ status: 'success', seconds: 1, inFlight: 0 });
    expect(await collect(followed)).toHaveLength(2);
    expect(followed.passes).toBe(3);
    expect(await requests(tracker)).toMatchObject([{ status: 'success', count: 1 }]);
  });

  it('whose first pass was left is cancelled, and a success if that had finished', async () => {
    for (const chunks of [
      [text('a'), text('b')],
      [finish, text('b')],
    ]) {
      for await (const _ of hand(repeatable(() => chunks as never))) break;
    }
    expect((await requests(tracker)).map((row) => Object.values(row).slice(-2))).toEqual([
      ['cancelled', 1],
      ['success', 1],
    ]);
  });

  it('that is returned again when its first pass is over is counted again, with its next', async () => {
    const source = repeatable();
    const chat = tracker.trackInference(() => source, 'chat');
    for (let i = 0; i < 3; i++) expect(await collect(chat())).toHaveLength(2);
    expect(await requests(tracker)).toMatchObject([{ status: 'success', count: 3 }]);
    chat();
    expect(await inFlight(tracker)).toBe(1);
    await collect(source);
    expect(await inFlight(tracker)).toBe(0);
    expect(await requests(tracker)).toMatchObject([{ status: 'success', count: 4 }]);
  });

  it('that gives itself is one stream', async () => {
    const chunks = [text('a'), usage(10, 4)];
    class Reader implements AsyncIterator<object> {
      async next(): Promise<IteratorResult<object>> {
        const value = chunks.shift();
        return value === undefined ? { done: true, value } : { done: false, value };
      }
    }
    const reader = new Reader();
    const followed = hand({ [Symbol.asyncIterator]: () => reader });
    expect(await collect(followed)).toHaveLength(2);
    expect(await outcome(tracker)).toMatchObject({ status: 'success', stream: true, inFlight: 0 });
  });
});
