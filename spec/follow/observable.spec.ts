import {
  defer,
  EMPTY,
  firstValueFrom,
  from,
  isObservable,
  lastValueFrom,
  map,
  NEVER,
  Observable,
  of,
  range,
  retry,
  Subject,
  share,
  take,
  throwError,
  timer,
} from 'rxjs';
import { currentInference } from 'track-inference';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { text, usage } from '../support/chunks.js';
import { collectUntil } from '../support/collect-garbage.js';
import { inFlight, outcome, requests } from '../support/readings.js';

let tracker: TestTracker;
beforeEach(() => {
  tracker = createTestTracker();
});
afterEach(() => tracker.dispose());

const hand = <R>(source: R): R => tracker.trackInference(() => source)();
const statuses = async () =>
  (await tracker.rows('requests_total'))
    .filter(({ value }) => value !== 0)
    .map(({ attributes, value }) => [attributes['status'], value]);
const chunks = [text('a'), text('b'), usage(10, 4)];

describe('an Observable', () => {
  it('stays the same object, and nothing is counted before it is subscribed to', async () => {
    let subscribed = 0;
    const source = new Observable((subscriber) => {
      subscribed++;
      subscriber.complete();
    });
    const followed = hand(source);
    expect(followed).toBe(source);
    expect(isObservable(followed)).toBe(true);
    expect(followed.pipe(map((x) => x))).toBeInstanceOf(Observable);
    expect(subscribed).toBe(0);
    expect(await inFlight(tracker)).toBe(0);
    expect(await statuses()).toEqual([]);
  });

  it('is a call for each subscription, from there to its end', async () => {
    const source = hand(from(chunks));
    tracker.clock.advance(60_000);
    const seen = new Subject<object>();
    const items: object[] = [];
    source.subscribe((item) => {
      items.push(item);
      tracker.clock.advance(1000);
    });
    seen.complete();
    expect(items).toEqual(chunks);
    for (const [i, item] of items.entries()) expect(item).toBe(chunks[i]);
    expect(await outcome(tracker)).toEqual({ status: 'success', stream: true, seconds: 3, firstToken: 0, inFlight: 0 });
    await lastValueFrom(source);
    await lastValueFrom(source.pipe(map((item) => item)));
    expect(await statuses()).toEqual([['success', 3]]);
  });

  it('is in flight while it is subscribed to, and cancelled by unsubscribing', async () => {
    const source = hand(NEVER);
    const one = source.subscribe();
    const two = source.pipe(map((item) => item)).subscribe();
    expect(await inFlight(tracker)).toBe(2);
    one.unsubscribe();
    two.unsubscribe();
    two.unsubscribe();
    expect(await statuses()).toEqual([['cancelled', 2]]);
    expect(await inFlight(tracker)).toBe(0);
  });

  it('stops a synchronous source when an operator has had enough', async () => {
    let made = 0;
    const endless = new Observable<number>((subscriber) => {
      while (!subscriber.closed) subscriber.next(made++);
    });
    expect(await lastValueFrom(hand(endless).pipe(take(2)))).toBe(1);
    expect(made).toBe(2);
    expect(await firstValueFrom(hand(range(0, Number.MAX_SAFE_INTEGER)))).toBe(0);
    expect(await statuses()).toEqual([['cancelled', 2]]);
  });

  it('is an error when it fails, with that very error', async () => {
    const failure = new Error('midway');
    const errors: unknown[] = [];
    hand(throwError(() => failure)).subscribe({ error: (error) => errors.push(error) });
    hand(
      new Observable(() => {
        throw failure;
      }),
    ).subscribe({ error: (error) => errors.push(error) });
    expect(errors).toEqual([failure, failure]);
    expect(errors.every((error) => error === failure)).toBe(true);
    expect(await statuses()).toEqual([['error', 2]]);
  });

  it('reports an error that nobody handles as ever', async () => {
    const failure = new Error('nobody handles it');
    const { config } = await import('rxjs');
    const reported = new Promise((resolve) => {
      config.onUnhandledError = resolve;
    });
    hand(throwError(() => failure)).subscribe();
    expect(await reported).toBe(failure);
    config.onUnhandledError = null;
    expect(await statuses()).toEqual([['error', 1]]);
  });

  it('that is tried again is a call each time', async () => {
    let tries = 0;
    const source = hand(defer(() => (++tries < 3 ? throwError(() => new Error('busy')) : of(text('a')))));
    await lastValueFrom(source.pipe(retry(5)));
    expect(await statuses()).toEqual([
      ['error', 2],
      ['success', 1],
    ]);
  });

  it('may be the promise of one', async () => {
    const source = await tracker.trackInference(async () => of(text('a')))();
    expect(await inFlight(tracker)).toBe(0);
    await lastValueFrom(source);
    expect(await statuses()).toEqual([['success', 1]]);
  });

  it('keeps what the method said of its call, and runs as the call that it begins', async () => {
    const call = tracker.trackInference(
      (_: { model: string }) => {
        currentInference()?.setProvider('early');
        return defer(() => {
          currentInference()?.setAttributes({ region: 'eu' });
          return of(text('a'));
        });
      },
      { endpointType: 'chat_completion' },
    );
    await lastValueFrom(call({ model: 'm' }));
    const labels = { model: 'm', provider: 'early', endpoint_type: 'chat_completion', region: 'eu' };
    expect(await requests(tracker)).toEqual([{ ...labels, stream: true, status: 'success', count: 1 }]);
    expect(await inFlight(tracker)).toBe(0);
  });

  it('made of another tracked one is one call a subscription', async () => {
    const inner = tracker.trackInference(() => from(chunks), { endpointType: 'inner', provider: 'p' });
    const handedOn = tracker.trackInference(() => inner(), { endpointType: 'handed_on' });
    const piped = tracker.trackInference(() => inner().pipe(map((item) => item)), { endpointType: 'piped' });
    const late = tracker.trackInference(() => defer(() => inner()), { endpointType: 'late' });
    const awaited = tracker.trackInference(async () => await lastValueFrom(inner()), { endpointType: 'awaited' });
    await lastValueFrom(handedOn());
    await lastValueFrom(piped());
    await lastValueFrom(late());
    await awaited();
    const labels = { model: 'served-model', provider: 'p', status: 'success', count: 1 };
    expect(await requests(tracker)).toEqual([
      { ...labels, endpoint_type: 'handed_on', stream: true },
      { ...labels, endpoint_type: 'piped', stream: true },
      { ...labels, endpoint_type: 'late', stream: true },
      { ...labels, endpoint_type: 'awaited', stream: false },
    ]);
    expect(await inFlight(tracker)).toBe(0);
  });

  it('returned by many calls is one call a subscription, of each method once', async () => {
    const shared = new Subject<object>();
    const one = tracker.trackInference(() => shared, { endpointType: 'one' });
    for (let i = 0; i < 100; i++) expect(one()).toBe(shared);
    const subscription = one().subscribe();
    expect(await inFlight(tracker)).toBe(1);
    shared.next(text('a'));
    shared.complete();
    subscription.unsubscribe();
    expect(await statuses()).toEqual([['success', 1]]);
  });

  it('shared by its subscribers is one call', async () => {
    const source = hand(timer(0)).pipe(share());
    await Promise.all([lastValueFrom(source), lastValueFrom(source)]);
    expect(await statuses()).toEqual([['success', 1]]);
  });

  it('that is empty is a success, and one in a frozen object too', async () => {
    hand(EMPTY).subscribe();
    hand(Object.freeze(new Observable((subscriber) => subscriber.complete()))).subscribe();
    expect(await statuses()).toEqual([['success', 2]]);
  });

  it('whose source forgets its subscriber is cancelled', async () => {
    (() => void hand(new Observable(() => {})).subscribe())();
    await collectUntil(async () => (await statuses()).length > 0);
    expect(await statuses()).toEqual([['cancelled', 1]]);
  });

  it('is timed by measureInference in the call that subscribes', async () => {
    const call = tracker.trackInference(() => {
      const timed = currentInference()?.measureInference(() => from(chunks));
      return defer(() => {
        tracker.clock.advance(500);
        return (timed as Observable<object>).pipe(
          map((item) => {
            tracker.clock.advance(1000);
            return item;
          }),
        );
      });
    });
    await lastValueFrom(call());
    expect((await tracker.rows('request_duration_seconds')).map(({ sum }) => sum)).toEqual([3.5]);
    expect((await tracker.rows('inference_duration_seconds')).map(({ sum }) => sum)).toEqual([3]);
  });
});
