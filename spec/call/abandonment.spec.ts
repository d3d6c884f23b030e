import { jest } from '@jest/globals';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { text } from '../support/chunks.js';
import { inFlight, outcome, requests } from '../support/readings.js';

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

  it('has one timer for all calls, and a new one after the last of them has gone', async () => {
    const [one, other] = [stream(), stream()];
    await one.next();
    expect(jest.getTimerCount()).toBe(1);
    await one.return();
    await other.return();
    pass(250);
    expect(jest.getTimerCount()).toBe(0);
    void stream();
    pass(1000);
    expect(jest.getTimerCount()).toBe(0);
    expect(await requests(tracker)).toMatchObject([
      { model: 'served-model', status: 'cancelled', count: 1 },
      { status: 'cancelled', count: 2 },
    ]);
    expect(await inFlight(tracker)).toBe(0);
  });

  it('is over when the silence has lasted exactly so long', async () => {
    const chunks = stream();
    pass(950);
    expect(await inFlight(tracker)).toBe(1);
    pass(50);
    expect(await inFlight(tracker)).toBe(0);
    await chunks.return();
    expect(await outcome(tracker)).toMatchObject({ status: 'cancelled', seconds: 0 });
  });

  it('gives up each call by its own silence', async () => {
    const silent = stream();
    const read = stream();
    for (let i = 0; i < 3; i++) {
      pass(500);
      await read.next();
    }
    expect(await inFlight(tracker)).toBe(1);
    await read.next();
    await silent.return();
    expect(
      (await tracker.rows('request_duration_seconds')).map(({ attributes, sum }) => [attributes['status'], sum]),
    ).toEqual([
      ['cancelled', 0],
      ['success', 1.5],
    ]);
  });

  it('looks no sooner than after a millisecond', async () => {
    const hasty = createTestTracker({ abandonAfterMs: 1, replaceDefault: false });
    void hasty.trackInference(() => new Promise(() => {}))();
    hasty.clock.advance(1);
    jest.advanceTimersByTime(0);
    expect(await inFlight(hasty)).toBe(1);
    jest.advanceTimersByTime(1);
    expect(await inFlight(hasty)).toBe(0);
    await hasty.dispose();
  });

  it('keeps no process alive', async () => {
    jest.useRealTimers();
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const chunks = stream();
    expect(timers()).toBe(before);
    await chunks.return();
  });
});
