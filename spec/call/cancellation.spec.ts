import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { text } from '../support/chunks.js';
import { collectUntil } from '../support/collect-garbage.js';
import { outcome } from '../support/readings.js';

let tracker: TestTracker;
beforeEach(() => {
  tracker = createTestTracker();
});
afterEach(() => tracker.dispose());

const timeoutReason = new DOMException('late', 'TimeoutError');

/** How a call counts that throws this, with these arguments. */
async function statusOf(error: unknown, ...args: unknown[]): Promise<unknown> {
  const chat = tracker.trackInference((..._args: unknown[]) => {
    throw error;
  });
  let caught: unknown;
  try {
    chat(...args);
  } catch (thrown) {
    caught = thrown;
  }
  expect(Object.is(caught, error)).toBe(true);
  return ((await outcome(tracker)) as { status: unknown }).status;
}

class APIUserAbortError extends Error {}
class LeftEarly extends APIUserAbortError {}
class NotAnAPIUserAbortError extends Error {}
class APIUserAbortErrors extends Error {}
class RequestTimeout extends Error {}
class ConnectionTimeoutError extends Error {}
class TimeoutErrorReport extends Error {}

const withConstructor = (kind: unknown) => Object.create({ constructor: kind });

describe('a failure', () => {
  it.each<[what: string, error: unknown, status: string]>([
    ['of the class of the SDKs', new APIUserAbortError(), 'cancelled'],
    ['of a class that extends it', new LeftEarly(), 'cancelled'],
    [
      'of a class that extends it, behind a prototype without one',
      Object.create(Object.create(APIUserAbortError.prototype, { constructor: { value: undefined } })),
      'cancelled',
    ],
    ['of a class whose name ends like it', new NotAnAPIUserAbortError(), 'error'],
    ['of a class whose name begins like it', new APIUserAbortErrors(), 'error'],
    ['named AbortError, though it is no Error', { name: 'AbortError' }, 'cancelled'],
    ['with the code of an abort, though it is no Error', { code: 'ABORT_ERR' }, 'cancelled'],
    ['with the code of an abort and the name of a timeout', { code: 'ABORT_ERR', name: 'TimeoutError' }, 'error'],
    ['that is the word AbortError', 'AbortError', 'error'],
    ['that is null', null, 'error'],
    ['that inherits from nothing', Object.create(null), 'error'],
    ['whose class has no name', withConstructor({}), 'error'],
    ['whose class has a name that is no text', withConstructor({ name: ['APIUserAbortError'] }), 'error'],
    ['whose class is missing', withConstructor(undefined), 'error'],
  ])('%s counts as it should', async (_, error, status) => {
    expect(await statusOf(error)).toBe(status);
  });

  it.each<[what: string, error: unknown, status: string]>([
    ['any', new Error('socket hang up'), 'cancelled'],
    ['null', null, 'cancelled'],
    ['the timeout of the platform', timeoutReason, 'error'],
    ['an object that is named as that', { name: 'TimeoutError' }, 'error'],
    ['a class whose name ends with Timeout', new RequestTimeout(), 'error'],
    ['a class whose name ends with TimeoutError', new ConnectionTimeoutError(), 'error'],
    ['a class whose name has it in its middle', new TimeoutErrorReport(), 'cancelled'],
  ])('while the signal is aborted, %s, counts as it should', async (_, error, status) => {
    expect(await statusOf(error, { signal: AbortSignal.abort() })).toBe(status);
  });

  it('counts as an error when a deadline aborted the signal, also where it looks like an abort', async () => {
    const error = new DOMException('aborted', 'AbortError');
    expect(await statusOf(error, { signal: AbortSignal.abort(timeoutReason) })).toBe('error');
  });

  it('that throws when it is looked at is an error, and the very same one', async () => {
    const hostile = new Proxy(new Error('hidden'), {
      get() {
        throw new Error('hands off');
      },
    });
    expect(await statusOf(hostile)).toBe('error');
  });
});

describe('the signal of a call', () => {
  const left = AbortSignal.abort();
  const open = new AbortController().signal;
  const failure = new Error('socket hang up');

  it.each<[where: string, args: unknown[], status: string]>([
    ['found behind arguments that are no objects', ['text', 7, null, undefined, left], 'cancelled'],
    ['found behind an object without one', [{}, { signal: null }, { signal: left }], 'cancelled'],
    ['the first, where there are two', [open, { signal: left }], 'error'],
    ['nothing that is merely aborted', [{ aborted: true }], 'error'],
    ['nothing that can merely be listened to', [{ signal: { addEventListener() {}, aborted: 'yes' } }], 'error'],
    ['nothing that cannot be listened to', [{ signal: { addEventListener: true, aborted: true } }], 'error'],
    ['anything that looks like one', [{ signal: { addEventListener() {}, aborted: true } }], 'cancelled'],
    ['found behind what can merely be listened to', [{ signal: new EventTarget() }, left], 'cancelled'],
    ['not a function with its members', [Object.assign(() => {}, { aborted: true, addEventListener() {} })], 'error'],
  ])('is %s', async (_, args, status) => {
    expect(await statusOf(failure, ...args)).toBe(status);
  });

  it('is none where an argument throws when it is looked at', async () => {
    const hostile = new Proxy(
      {},
      {
        get() {
          throw new Error('hands off');
        },
      },
    );
    expect(await statusOf(failure, hostile, left)).toBe('error');
  });

  it.each<[reason: string, signal: AbortSignal, status: string]>([
    ['nobody left', open, 'success'],
    ['somebody left', left, 'cancelled'],
    ['a deadline passed', AbortSignal.abort(timeoutReason), 'error'],
  ])('tells of a stream that ends by itself that %s', async (_, signal, status) => {
    const chat = tracker.trackInference(async function* (_request: object) {
      yield text('a');
    });
    for await (const _ of chat({ signal }));
    expect(await outcome(tracker)).toMatchObject({ status, stream: true, inFlight: 0 });
  });

  it('counts as not aborted once nobody can abort it any more', async () => {
    const chunks = (async function* () {
      yield text('a');
      yield text('b');
    })();
    const chat = tracker.trackInference((_request: object) => chunks);
    let isCollected = false;
    const registry = new FinalizationRegistry(() => {
      isCollected = true;
    });
    (() => {
      const signal = { aborted: false, addEventListener() {} };
      registry.register(signal, undefined);
      void chat({ signal });
    })();
    await chunks.next();
    await collectUntil(() => isCollected);
    while (!(await chunks.next()).done);
    expect(await outcome(tracker)).toMatchObject({ status: 'success', inFlight: 0 });
  });

  it('is looked at when the stream ends, however long after it was given', async () => {
    const controller = new AbortController();
    const chat = tracker.trackInference(async function* (_request: object) {
      yield text('a');
      yield text('b');
    });
    const stream = chat({ signal: controller.signal });
    await stream.next();
    await collectUntil(() => true);
    controller.abort();
    while (!(await stream.next()).done);
    expect(await outcome(tracker)).toMatchObject({ status: 'cancelled', inFlight: 0 });
  });

  it.each<[what: string, signal: object]>([
    [
      'aborted',
      {
        get aborted() {
          throw new Error('hands off');
        },
      },
    ],
    [
      'reason',
      {
        aborted: true,
        get reason() {
          throw new Error('hands off');
        },
      },
    ],
  ])('tells nothing where its %s cannot be looked at', async (_, signal) => {
    const chat = tracker.trackInference(
      async function* () {
        yield text('a');
      },
      { signal: () => signal as AbortSignal },
    );
    const read: unknown[] = [];
    for await (const chunk of chat()) read.push(chunk);
    expect(read).toEqual([text('a')]);
    expect(await outcome(tracker)).toMatchObject({ status: 'success', inFlight: 0 });
  });
});
