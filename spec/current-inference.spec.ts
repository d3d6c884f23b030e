import { AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { createInferenceTracker, currentInference, TrackInference, trackInference } from 'track-inference';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { completion, text } from './support/chunks.js';
import { inFlight, only, requests } from './support/readings.js';

let tracker: TestTracker;
beforeEach(() => {
  tracker = createTestTracker();
});
afterEach(() => tracker.dispose());

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Runs the body as a tracked call, and gives the providers under which requests were counted. */
async function providersOf(...bodies: (() => unknown)[]): Promise<unknown[]> {
  const run = trackInference(async (body: () => unknown) => await body());
  await Promise.all(bodies.map((body) => run(body)));
  return (await requests(tracker)).map((row) => (row as { provider?: string }).provider).sort();
}

describe('currentInference', () => {
  it('is undefined outside of a call', () => {
    expect(currentInference()).toBeUndefined();
  });

  it.each<[string, () => unknown]>([
    ['at once', () => currentInference()?.setProvider('p')],
    [
      'after an await',
      async () => {
        await null;
        await turn();
        currentInference()?.setProvider('p');
      },
    ],
    [
      'in a timer',
      () => new Promise<void>((resolve) => setTimeout(() => resolve(currentInference()?.setProvider('p')))),
    ],
    [
      'in the callback of an emitter',
      async () => {
        const emitter = new EventEmitter().on('event', () => currentInference()?.setProvider('p'));
        await turn();
        emitter.emit('event');
      },
    ],
    ['in a microtask', () => Promise.resolve().then(() => currentInference()?.setProvider('p'))],
  ])('finds the call %s', async (_name, body) => {
    expect(await providersOf(body)).toEqual(['p']);
    expect(currentInference()).toBeUndefined();
  });

  it('never mixes concurrent calls', async () => {
    const providers = Array.from({ length: 20 }, (_, i) => `p${String(i).padStart(2, '0')}`);
    const bodies = providers.map((provider, i) => async () => {
      for (let step = 0; step < i % 5; step++) await turn();
      currentInference()?.setProvider(provider);
      await turn();
    });
    expect(await providersOf(...bodies)).toEqual(providers);
  });

  it('finds the call in the body of an async generator after any yield', async () => {
    class Router {
      @TrackInference()
      async *chat(provider: string) {
        yield text('a');
        await turn();
        yield text('b');
        currentInference()?.setProvider(provider);
        yield text('c');
      }
    }
    const streams = ['p1', 'p2'].map((provider) => new Router().chat(provider));
    for (let i = 0; i < 4; i++) for (const stream of streams) await stream.next();
    expect(await requests(tracker)).toMatchObject([{ provider: 'p1' }, { provider: 'p2' }]);
  });

  it('finds the call in the body of a sync generator, and not between its steps', async () => {
    const run = trackInference(function* () {
      yield 1;
      currentInference()?.setProvider('p');
      yield 2;
    });
    for (const _ of run()) expect(currentInference()).toBeUndefined();
    expect(await requests(tracker)).toMatchObject([{ provider: 'p' }]);
  });

  it('follows an async resource back to its own call', async () => {
    const waiting: (() => void)[] = [];
    const park = trackInference(async function park(provider: string) {
      await new Promise<void>((resolve) => {
        waiting.push(AsyncResource.bind(() => resolve(currentInference()?.setProvider(provider))));
      });
    });
    const release = trackInference(function release() {
      waiting.pop()?.();
      currentInference()?.setProvider('released');
    });
    const parked = park('parked');
    release();
    await parked;
    expect(await requests(tracker)).toMatchObject([
      { endpoint_type: 'release', provider: 'released' },
      { endpoint_type: 'park', provider: 'parked' },
    ]);
  });

  it('keeps to the synchronous part with asyncContext: false', async () => {
    const plain = createTestTracker({ asyncContext: false, replaceDefault: false });
    const seen: boolean[] = [];
    await plain.trackInference(async () => {
      seen.push(currentInference() !== undefined);
      await null;
      seen.push(currentInference() !== undefined);
    })();
    expect(seen).toEqual([true, false]);
    await plain.dispose();
  });

  it('works in the synchronous part while no provider is set', () => {
    const { trackInference: track } = createInferenceTracker();
    expect(track(() => currentInference() !== undefined)()).toBe(true);
  });
});

describe('an InferenceCall', () => {
  it('moves the count of requests in flight with every new label', async () => {
    const steps: unknown[] = [];
    const inFlightBySeries = async () =>
      (await tracker.rows('concurrent_requests'))
        .filter(({ value }) => value !== 0)
        .map(({ attributes }) => attributes);
    await trackInference(async function chat() {
      steps.push(await inFlightBySeries());
      currentInference()?.setModel('m');
      steps.push(await inFlightBySeries());
      currentInference()?.setProvider('p');
      steps.push(await inFlightBySeries());
      currentInference()?.setAttributes({ tenant: 'paid', tries: 2 });
      steps.push(await inFlightBySeries());
    })();
    const base = { endpoint_type: 'chat', stream: false };
    expect(steps).toEqual([
      [base],
      [{ ...base, model: 'm' }],
      [{ ...base, model: 'm', provider: 'p' }],
      [{ ...base, model: 'm', provider: 'p', tenant: 'paid', tries: 2 }],
    ]);
    expect(await inFlight(tracker)).toBe(0);
  });

  it('does nothing once its call has settled', async () => {
    const call = trackInference(() => currentInference())();
    const before = await tracker.rows();
    call?.setModel('late');
    call?.setProvider('late');
    call?.setAttributes({ late: true });
    call?.reportUsage({ totalTokens: 5 });
    call?.firstToken();
    expect(call?.measureInference(() => 'value')).toBe('value');
    expect(await tracker.rows()).toEqual(before);
  });

  it('takes usage from reportUsage before what the response states, field by field', async () => {
    await trackInference(async () => {
      tracker.clock.advance(1000);
      currentInference()?.reportUsage({ outputTokens: 90 });
      currentInference()?.reportUsage({ reasoningTokens: 5, inputTokens: Number.NaN });
      return completion(10, 20);
    })();
    expect(await only(tracker, 'tokens_per_second')).toMatchObject({ sum: 100 });
  });

  it('takes the first token from firstToken()', async () => {
    const stream = trackInference(async function* () {
      tracker.clock.advance(100);
      yield { opaque: 1 };
      tracker.clock.advance(100);
      currentInference()?.firstToken();
      tracker.clock.advance(100);
      yield text('too late to count');
    })();
    for await (const _ of stream);
    expect(await only(tracker, 'time_to_first_token_seconds')).toMatchObject({ sum: 0.2 });
  });

  it.each<[string, (call: NonNullable<ReturnType<typeof currentInference>>) => unknown]>([
    ['setModel', (call) => call.setModel(7 as never)],
    ['setProvider', (call) => call.setProvider({} as never)],
    [
      'setAttributes',
      (call) =>
        call.setAttributes({
          get bad(): string {
            throw new Error('trapped');
          },
        }),
    ],
    ['setAttributes', (call) => call.setAttributes('nonsense' as never)],
    ['reportUsage', (call) => call.reportUsage('nonsense' as never)],
    ['reportUsage', (call) => call.reportUsage({ outputTokens: -1, totalTokens: Number.POSITIVE_INFINITY })],
  ])('survives nonsense given to %s', async (_name, act) => {
    trackInference(function chat() {
      act(currentInference() as never);
    })();
    expect(await requests(tracker)).toEqual([{ endpoint_type: 'chat', stream: false, status: 'success', count: 1 }]);
    expect(await tracker.rows('tokens_per_second')).toEqual([]);
  });
});
