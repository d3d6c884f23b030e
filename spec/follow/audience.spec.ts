import { of, Subject } from 'rxjs';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { runningCall } from '../../lib/call/running-call.js';
import type { TrackedCall } from '../../lib/call/tracked-call.js';
import { text, usage } from '../support/chunks.js';
import { collectUntil } from '../support/collect-garbage.js';
import { inFlight, only, outcome, requests } from '../support/readings.js';

let trackers: TestTracker[];
beforeEach(() => {
  trackers = [0, 1, 2].map(() => createTestTracker({ replaceDefault: false }));
});
afterEach(() => Promise.all(trackers.map((tracker) => tracker.dispose())));

class Later<T> extends Promise<T> {}

const failure = new Error('down');
async function* chunks(fails = false): AsyncGenerator<object> {
  yield text('a');
  for (const tracker of trackers) tracker.clock.advance(1000);
  if (fails) throw failure;
  yield usage(10, 4);
}

/** Has each of these trackers' methods return it, one after another, and gives what the last one did. */
const hand = <R>(returned: R, ...by: number[]): R =>
  by.reduce((object, index) => trackers[index]?.trackInference(() => object, 'chat')() as R, returned);
const outcomes = (...of: number[]) => Promise.all(of.map((index) => outcome(trackers[index] as TestTracker)));
const flying = () => Promise.all(trackers.map(inFlight));

describe('a stream that methods of several trackers return', () => {
  const seconds = { stream: true, firstToken: 0, seconds: 1, inFlight: 0 };

  it('is a request of each, with its tokens', async () => {
    for await (const _ of hand(chunks(), 0, 1, 2));
    expect(await outcomes(0, 1, 2)).toEqual(Array(3).fill({ status: 'success', ...seconds }));
    const tokens = await Promise.all(trackers.map((tracker) => only(tracker, 'tokens_per_second')));
    expect(tokens.map(({ sum }) => sum)).toEqual([14, 14, 14]);
  });

  it('fails for each', async () => {
    const stream = hand(chunks(true), 0, 1, 2);
    await stream.next();
    await expect(stream.next()).rejects.toBe(failure);
    expect(await outcomes(0, 1, 2)).toEqual(Array(3).fill({ status: 'error', ...seconds }));
  });

  it('is left for each', async () => {
    const stream = hand(chunks(), 0, 1, 2);
    await stream.next();
    expect(await flying()).toEqual([1, 1, 1]);
    await stream.return(undefined);
    expect(await outcomes(0, 1, 2)).toEqual(Array(3).fill({ status: 'cancelled', ...seconds, seconds: 0 }));
  });

  it('is let go of for each', async () => {
    await (async () => {
      const stream = hand(chunks(), 0, 1, 2);
      await stream.next();
    })();
    await collectUntil(async () => (await flying()).every((count) => count === 0));
    expect(await outcomes(0, 1, 2)).toEqual(Array(3).fill({ status: 'cancelled', ...seconds, seconds: 0 }));
  });

  it('is a request of each, where it is what an iterable gives', async () => {
    const stream = hand(chunks(), 0);
    for await (const _ of hand({ [Symbol.asyncIterator]: () => stream }, 1));
    expect(await outcomes(0, 1)).toEqual(Array(2).fill({ status: 'success', ...seconds }));
  });

  it('keeps the time of each that leaves the time of consumers out', async () => {
    const exact = createTestTracker({ replaceDefault: false, excludeConsumerTime: true });
    async function* slow(): AsyncGenerator<object> {
      yield text('a');
      exact.clock.advance(3000);
      yield usage(10, 4);
    }
    const stream = exact.trackInference(() => hand(slow(), 0))();
    for await (const _ of stream) exact.clock.advance(500);
    expect((await only(exact, 'inference_duration_seconds')).sum).toBe(3);
    expect((await only(exact, 'request_duration_seconds')).sum).toBe(4);
    await exact.dispose();
  });
});

describe('a stream that is returned again', () => {
  const call = (index: number, returned: unknown) => {
    let own: TrackedCall | undefined;
    trackers[index]?.trackInference(() => {
      own = runningCall();
      return returned;
    }, 'chat')();
    return own as TrackedCall;
  };

  it('while one of its calls goes on is a request of the others too, and leaves that one alone', async () => {
    const stream = chunks();
    const first = call(0, stream);
    call(1, stream);
    first.left();
    call(2, stream);
    expect(await flying()).toEqual([0, 1, 1]);
    for await (const _ of stream);
    expect(await outcomes(0, 1, 2)).toMatchObject([
      { status: 'cancelled' },
      { status: 'success' },
      { status: 'success' },
    ]);
    expect(await flying()).toEqual([0, 0, 0]);
  });

  it('while the last of its calls goes on is a request of the others too', async () => {
    const stream = chunks();
    for (const ended of [call(0, stream), call(1, stream)]) ended.left();
    call(2, stream);
    const first = call(0, stream);
    call(1, stream);
    first.left();
    call(0, stream);
    expect(await flying()).toEqual([1, 1, 1]);
    for await (const _ of stream);
    expect(await flying()).toEqual([0, 0, 0]);
    expect(await outcomes(2)).toMatchObject([{ status: 'success' }]);
  });

  it('while another than the first has ended is no request of its own for the first', async () => {
    const stream = chunks();
    call(0, stream);
    const second = call(1, stream);
    second.left();
    call(0, stream);
    expect(await flying()).toEqual([1, 0, 0]);
    for await (const _ of stream);
    expect(await outcomes(0, 1)).toMatchObject([{ status: 'success' }, { status: 'cancelled' }]);
  });

  it('when all of its calls have ended begins anew', async () => {
    const stream = chunks();
    for (const ended of [call(0, stream), call(1, stream)]) ended.left();
    call(0, stream);
    expect(await flying()).toEqual([1, 0, 0]);
    for await (const _ of stream);
    const tracker = trackers[0] as TestTracker;
    expect((await requests(tracker)).map((row) => Object.values(row).slice(-2))).toEqual([
      ['cancelled', 1],
      ['success', 1],
    ]);
    expect(await outcomes(1)).toMatchObject([{ status: 'cancelled' }]);
  });

  it('by the same method, as a promise of it, is the request that it was', async () => {
    const stream = chunks();
    hand(stream, 0);
    expect(await hand(Later.resolve(stream), 0)).toBe(stream);
    expect(await flying()).toEqual([1, 0, 0]);
    for await (const _ of stream);
    expect(await outcomes(0)).toMatchObject([{ status: 'success' }]);
  });

  it('by a method of another tracker, as a promise of it, is a request of that too', async () => {
    const stream = chunks();
    hand(stream, 0);
    expect(await hand(Later.resolve(stream), 1)).toBe(stream);
    expect(await flying()).toEqual([1, 1, 0]);
    for await (const _ of stream);
    expect(await outcomes(0, 1)).toMatchObject([{ status: 'success' }, { status: 'success' }]);
  });
});

describe('a promise that stays the same object', () => {
  it('of a stream is a request of each', async () => {
    for await (const _ of await hand(Later.resolve(chunks()), 0, 1));
    const seconds = { stream: true, firstToken: 0, seconds: 1, inFlight: 0 };
    expect(await outcomes(0, 1)).toEqual(Array(2).fill({ status: 'success', ...seconds }));
  });

  it('of a stream that is followed already is a request of those alone that have none yet', async () => {
    const stream = chunks();
    hand(stream, 0);
    expect(await hand(Later.resolve(stream), 0, 1)).toBe(stream);
    expect(await flying()).toEqual([1, 1, 0]);
    for await (const _ of stream);
    for (const index of [0, 1]) {
      expect(await requests(trackers[index] as TestTracker)).toMatchObject([{ status: 'success', count: 1 }]);
    }
  });

  it('of an Observable is a call for each subscription, of each tracker', async () => {
    const observable = await hand(Later.resolve(of('a')), 0, 1);
    expect(await flying()).toEqual([0, 0, 0]);
    observable.subscribe();
    observable.subscribe();
    for (const index of [0, 1]) {
      expect(await requests(trackers[index] as TestTracker)).toMatchObject([
        { stream: true, status: 'success', count: 2 },
      ]);
    }
  });

  it('of an Observable is in flight from its subscription', async () => {
    const source = new Subject<string>();
    const observable = await hand(Later.resolve(source), 0);
    const subscription = observable.subscribe();
    expect(await flying()).toEqual([1, 0, 0]);
    subscription.unsubscribe();
    expect(await outcomes(0)).toMatchObject([{ status: 'cancelled', stream: true }]);
  });

  it('that is refused is refused for each tracker', async () => {
    await expect(hand(Later.reject(failure), 0, 1)).rejects.toBe(failure);
    expect(await outcomes(0, 1)).toMatchObject([{ status: 'error' }, { status: 'error' }]);
  });

  it('of a JSON response is in flight until that is read, for each tracker', async () => {
    const response = await hand(Later.resolve(Response.json({ usage: { input_tokens: 1 } })), 0, 1);
    for (const tracker of trackers) tracker.clock.advance(1000);
    expect(await flying()).toEqual([1, 1, 0]);
    await response.json();
    expect(await outcomes(0, 1)).toEqual(Array(2).fill({ status: 'success', stream: false, seconds: 1, inFlight: 0 }));
  });
});
