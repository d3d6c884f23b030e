import { jest } from '@jest/globals';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { text } from '../support/chunks.js';
import { inFlight, outcome } from '../support/readings.js';

let tracker: TestTracker;
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  tracker = createTestTracker({ abandonAfterMs: 1000 });
});
afterEach(async () => {
  jest.useRealTimers();
  await tracker.dispose();
});

/** Lets time pass for the tracker and for its timer, in steps that the timer can see. */
function pass(milliseconds: number): void {
  for (let left = milliseconds; left > 0; left -= 50) {
    tracker.clock.advance(50);
    jest.advanceTimersByTime(50);
  }
}

describe('abandonAfterMs', () => {
  const stream = () =>
    tracker.trackInference(async function* () {
      yield text('a');
      yield text('b');
      yield text('c');
    })();

  it('cancels a stream whose consumer went silent, at its last chunk', async () => {
    const chunks = stream();
    pass(300);
    await chunks.next();
    pass(900);
    await chunks.next();
    pass(950);
    expect(await inFlight(tracker)).toBe(1);
    pass(300);
    expect(await outcome(tracker)).toEqual({
      status: 'cancelled',
      stream: true,
      seconds: 1.2,
      firstToken: 0.3,
      inFlight: 0,
    });
  });

  it('hands the rest on all the same', async () => {
    const chunks = stream();
    await chunks.next();
    pass(2000);
    expect(await chunks.next()).toEqual({ done: false, value: text('b') });
    await chunks.return();
    expect(await outcome(tracker)).toMatchObject({ status: 'cancelled', seconds: 0 });
  });

  it('cancels a promise that never settles', async () => {
    void tracker.trackInference(() => new Promise(() => {}))();
    pass(1300);
    expect(await outcome(tracker)).toEqual({ status: 'cancelled', stream: false, seconds: 0, inFlight: 0 });
  });

  it('leaves what has settled alone, and no timer behind', async () => {
    for await (const _ of stream()) pass(100);
    pass(5000);
    expect(await outcome(tracker)).toMatchObject({ status: 'success' });
    expect(jest.getTimerCount()).toBe(0);
  });
});
