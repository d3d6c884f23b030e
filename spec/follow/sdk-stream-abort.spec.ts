import { Stream } from 'openai/streaming';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { text } from '../support/chunks.js';
import { collectUntil } from '../support/collect-garbage.js';
import { inFlight, outcome } from '../support/readings.js';

let tracker: TestTracker;
beforeEach(() => {
  tracker = createTestTracker();
});
afterEach(() => tracker.dispose());

/** The SDK's own stream, as it comes from a response. */
function open(controller: AbortController, fails = false): Stream<object> {
  const body = new ReadableStream({
    async pull(sink) {
      if (fails) throw new Error('socket hang up');
      sink.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(text('a'))}\n\n`));
    },
  });
  return tracker.trackInference(() => Stream.fromSSEResponse<object>(new Response(body), controller))();
}

describe('the Stream of an SDK', () => {
  it('is cancelled when its controller aborts it before it is read', async () => {
    const stream = open(new AbortController());
    tracker.clock.advance(100);
    stream.controller.abort();
    expect(await outcome(tracker)).toEqual({ status: 'cancelled', stream: true, seconds: 0.1, inFlight: 0 });
  });

  it('is cancelled when its controller aborts it while its consumer is busy elsewhere', async () => {
    const stream = open(new AbortController());
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    tracker.clock.advance(100);
    stream.controller.abort();
    expect(await outcome(tracker)).toEqual({
      status: 'cancelled',
      stream: true,
      seconds: 0.1,
      firstToken: 0,
      inFlight: 0,
    });
    await iterator.return?.();
  });

  it('is cancelled when its controller aborts it while its consumer waits, which it ends quietly', async () => {
    const controller = new AbortController();
    const body = new ReadableStream({
      start: (sink) => controller.signal.addEventListener('abort', () => sink.error(controller.signal.reason)),
    });
    const stream = tracker.trackInference(() => Stream.fromSSEResponse<object>(new Response(body), controller))();
    const next = stream[Symbol.asyncIterator]().next();
    tracker.clock.advance(100);
    controller.abort();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(await outcome(tracker)).toEqual({ status: 'cancelled', stream: true, seconds: 0.1, inFlight: 0 });
  });

  it('is an error when it fails, though it then aborts its own controller', async () => {
    const stream = open(new AbortController(), true);
    await expect(stream[Symbol.asyncIterator]().next()).rejects.toThrow('socket hang up');
    expect(stream.controller.signal.aborted).toBe(true);
    expect(await outcome(tracker)).toMatchObject({ status: 'error', inFlight: 0 });
  });

  it('is not kept by a controller that outlives it', async () => {
    const controller = new AbortController();
    (() => void open(controller))();
    await collectUntil(async () => (await inFlight(tracker)) === 0);
    expect(await outcome(tracker)).toMatchObject({ status: 'cancelled' });
    controller.abort();
  });
});
