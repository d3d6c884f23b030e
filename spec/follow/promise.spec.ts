import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { completion, text } from '../support/chunks.js';
import { inFlight, only, outcome, requests } from '../support/readings.js';

let tracker: TestTracker;
beforeEach(() => {
  tracker = createTestTracker();
});
afterEach(() => tracker.dispose());

const hand = <R>(returned: R): R => tracker.trackInference(() => returned, 'chat')();
const failure = new Error('refused');
const settled = { endpoint_type: 'chat', stream: false, count: 1 };

class Later<T> extends Promise<T> {}

/** Calls back at once, as often as it is asked, and says how often that was. */
class Thenable<T> {
  asked = 0;
  constructor(private readonly act: (ok: (value: T) => unknown, no: (error: unknown) => unknown) => unknown) {}

  // biome-ignore lint/suspicious/noThenProperty: it is a thenable that is tried here.
  then(ok?: unknown, no?: unknown): unknown {
    this.asked++;
    return this.act(
      typeof ok === 'function' ? (ok as never) : (value) => value,
      typeof no === 'function'
        ? (no as never)
        : (error) => {
            throw error;
          },
    );
  }
}

/** One promise of each kind that stays the same object, and the plain one that does not. */
const kinds: [kind: string, make: <T>(value: Promise<T>) => Promise<T>][] = [
  ['a plain promise', (value) => value],
  [
    'a promise with a member of its own',
    (value) =>
      Object.assign(
        value.then((x) => x),
        { requestId: 'r1' },
      ),
  ],
  ['a promise subclass', (value) => Later.resolve().then(() => value) as never],
];

describe.each(kinds)('%s', (_, make) => {
  it('gives what it resolves to, and is a success', async () => {
    const answer = completion(10, 20);
    expect(await hand(make(Promise.resolve(answer)))).toBe(answer);
    expect(await requests(tracker)).toEqual([{ ...settled, model: 'served-model', status: 'success' }]);
  });

  it('gives its error, and is one', async () => {
    await expect(hand(make(Promise.reject(failure)))).rejects.toBe(failure);
    expect(await requests(tracker)).toEqual([{ ...settled, status: 'error' }]);
  });

  it('can be waited for again and again, and in every way', async () => {
    const promise = hand(make(Promise.resolve('answer')));
    const waited = await Promise.all([
      promise,
      promise.then(),
      promise.catch(() => 'no'),
      promise.finally(() => {}),
      promise.then(null),
      promise.then((x) => x),
    ]);
    expect(waited).toEqual(Array(6).fill('answer'));
    expect(await requests(tracker)).toEqual([{ ...settled, status: 'success' }]);
  });

  it('that is refused can be, too', async () => {
    const promise = hand(make(Promise.reject(failure)));
    const handled = (error: unknown) => [error];
    const waited = await Promise.all([
      promise.catch(handled),
      promise.then(null, handled),
      promise.then(() => 'no').catch(handled),
      promise.finally(() => {}).catch(handled),
    ]);
    expect(waited).toEqual(Array(4).fill([failure]));
    expect(await requests(tracker)).toEqual([{ ...settled, status: 'error' }]);
  });

  it('is in flight until then', async () => {
    let answer = (_: string) => {};
    const promise = hand(make(new Promise<string>((resolve) => (answer = resolve))));
    tracker.clock.advance(300);
    expect(await inFlight(tracker)).toBe(1);
    answer('answer');
    expect(await promise).toBe('answer');
    expect(await outcome(tracker)).toEqual({ status: 'success', stream: false, seconds: 0.3, inFlight: 0 });
  });

  it('gives one stream, however many wait for it', async () => {
    const chunks = async function* () {
      yield text('a');
      tracker.clock.advance(100);
    };
    const promise = hand(make(Promise.resolve(chunks())));
    const [one, other] = await Promise.all([promise, promise]);
    expect(one).toBe(other);
    for await (const _ of one);
    expect(await outcome(tracker)).toEqual({
      status: 'success',
      stream: true,
      seconds: 0.1,
      firstToken: 0,
      inFlight: 0,
    });
  });

  it('that somebody derives from derives plain ones', () => {
    const promise = hand(make(Promise.resolve(1)));
    const derived = promise.then((x) => x);
    expect(derived).toBeInstanceOf(Promise);
    expect(promise).toBeInstanceOf(Promise);
    return derived;
  });
});

describe('a promise with a member of its own', () => {
  it('is the same object and shows nothing of us', async () => {
    const promise = Object.assign(Promise.resolve('answer'), { requestId: 'r1' });
    const followed = hand(promise);
    expect(followed).toBe(promise);
    expect(Object.keys(followed)).toEqual(['requestId']);
    expect(await followed).toBe('answer');
    expect(await requests(tracker)).toEqual([{ ...settled, status: 'success' }]);
  });

  it('is read through await, which looks for its constructor', async () => {
    const promise = hand(Object.assign(Promise.resolve(completion(10, 20)), { requestId: 'r1' }));
    tracker.clock.advance(1000);
    await promise;
    expect(await only(tracker, 'tokens_per_second')).toMatchObject({ sum: 30 });
  });
});

describe('a thenable', () => {
  it('is asked as often as its consumer asks, with what it passes or something like it', async () => {
    const thenable = new Thenable<string>((ok) => ok('answer'));
    const followed = hand(thenable);
    expect(followed).toBe(thenable);
    expect(thenable.asked).toBe(0);
    expect(followed.then()).toBe('answer');
    expect(followed.then((value: string) => value.length)).toBe(6);
    expect(thenable.asked).toBe(2);
    expect(await requests(tracker)).toEqual([{ ...settled, status: 'success' }]);
  });

  it('that refuses does so to who handles it, and to who does not', async () => {
    const followed = hand(new Thenable((_, no) => no(failure)));
    expect(followed.then(null, (error: unknown) => [error])).toEqual([failure]);
    expect(() => followed.then(() => 'no')).toThrow(failure);
    expect(await requests(tracker)).toEqual([{ ...settled, status: 'error' }]);
  });

  it.each<[when: string, act: (run: number, ok: (value: unknown) => unknown) => unknown]>([
    ['calls back again', (_, ok) => [ok('one'), ok('two')]],
    ['runs again for each that waits', (run, ok) => ok(run === 1 ? 'one' : 'two')],
  ])('that %s gives each what it has for it, and is counted once', async (when, act) => {
    const seen: unknown[] = [];
    const thenable: Thenable<unknown> = new Thenable((ok) => act(thenable.asked, ok));
    const followed = hand(thenable);
    followed.then((value: unknown) => seen.push(value));
    if (when.startsWith('runs')) followed.then((value: unknown) => seen.push(value));
    expect(seen).toEqual(['one', 'two']);
    expect(await requests(tracker)).toEqual([{ ...settled, status: 'success' }]);
  });

  it('that gives another stream each time gives each unharmed, and the first is counted', async () => {
    const open = async function* (run: number) {
      yield text(`${run}`);
    };
    const thenable: Thenable<AsyncGenerator<object>> = new Thenable((ok) => ok(open(thenable.asked)));
    const followed = hand(thenable) as unknown as PromiseLike<AsyncGenerator<object>>;
    const [one, two] = [await followed, await followed];
    const [first, second]: object[][] = [[], []];
    for await (const chunk of two) second?.push(chunk);
    expect(await inFlight(tracker)).toBe(1);
    for await (const chunk of one) first?.push(chunk);
    expect([first, second]).toEqual([[text('1')], [text('2')]]);
    expect(await outcome(tracker)).toMatchObject({ status: 'success', stream: true, inFlight: 0 });
  });
});
