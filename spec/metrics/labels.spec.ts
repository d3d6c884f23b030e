import { currentInference } from 'track-inference';
import { createTestTracker, type TestTracker, type TestTrackerOptions } from 'track-inference/testing';
import { completion } from '../support/chunks.js';
import { inFlight, only, requests } from '../support/readings.js';

declare const gc: () => void;

let tracker: TestTracker;
function using(options: TestTrackerOptions = {}) {
  tracker = createTestTracker(options);
  return tracker.trackInference(function chat(_request: { model?: unknown } = {}, _extra: object = {}) {}, {
    attributes: (_request, extra) => extra as Record<string, string>,
  });
}
afterEach(() => tracker.dispose());

const labels = async (name: string) => (await requests(tracker)).map((row) => (row as Record<string, unknown>)[name]);

describe('labels', () => {
  it.each([[undefined], [null], [''], [7], [{}]])('leave a model out that is %p', async (model) => {
    using()({ model });
    expect(await requests(tracker)).toEqual([{ endpoint_type: 'chat', stream: false, status: 'success', count: 1 }]);
  });

  it('leave out what a selector does not know, or returns as a promise, or throws', async () => {
    tracker = createTestTracker({ provider: 'fallback' });
    tracker.trackInference(() => completion(1, 2), {
      endpointType: () => undefined,
      model: () => {
        throw new Error('no model here');
      },
      provider: (async () => 'p') as never,
      attributes: () => ({ a: Promise.resolve(1) as never, b: undefined, c: '', d: Number.NaN, e: 0, f: false }),
    })();
    expect(await requests(tracker)).toEqual([
      { provider: 'fallback', stream: false, status: 'success', e: 0, f: false, count: 1 },
    ]);
  });

  it("take the response's model where the request names none", async () => {
    tracker = createTestTracker();
    tracker.trackInference(function chat(_request: object) {
      return completion(1, 2);
    })({});
    expect(await labels('model')).toEqual(['served-model']);
  });

  it("keep the request's model where the response names another", async () => {
    tracker = createTestTracker();
    tracker.trackInference(function chat(_request: object) {
      return completion(1, 2);
    })({ model: 'alias' });
    expect(await labels('model')).toEqual(['alias']);
  });

  it('admit so many models and no more, for good', async () => {
    const chat = using({ labelLimits: { model: 2 }, allowedModels: ['vip'] });
    for (const model of ['a', 'b', 'c', 'a', 'vip', 'd', 'b']) chat({ model });
    expect(
      (await requests(tracker)).map((row) => [(row as { model: string }).model, (row as { count: number }).count]),
    ).toEqual([
      ['a', 2],
      ['b', 2],
      ['_other', 2],
      ['vip', 1],
    ]);
  });

  it('bound 100,000 hostile names to the limit and one more, with nothing in flight and no memory taken', async () => {
    const chat = using();
    const send = (count: number) => {
      for (let i = 0; i < count; i++) chat({ model: `hostile-${i}-${'x'.repeat(1000)}` });
    };
    send(1000);
    gc();
    const before = process.memoryUsage().heapUsed;
    send(100_000);
    gc();
    // A hundred million characters passed; a tenth of a byte for each name is noise.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(1_000_000);
    expect(new Set(await labels('model')).size).toBe(201);
    expect(await inFlight(tracker)).toBe(0);
  });

  it.each(['provider', 'endpointType', 'attributes'] as const)('bound %s', async (limit) => {
    tracker = createTestTracker({ labelLimits: { [limit]: 1 } });
    const run = tracker.trackInference((value: string) => value, {
      endpointType: (value) => value,
      provider: (value) => value,
      attributes: (value) => ({ attributes: value }),
    });
    run('one');
    run('two');
    const name = limit === 'endpointType' ? 'endpoint_type' : limit;
    expect(await labels(name)).toEqual(['one', '_other']);
  });

  it('cut long names at 128 units, never through a character', async () => {
    const chat = using();
    chat({ model: 'x'.repeat(500) });
    chat({ model: `${'x'.repeat(127)}🎈` });
    chat({ model: `lone ${'\ud83c'}` });
    expect(await labels('model')).toEqual(['x'.repeat(128), 'x'.repeat(127), 'lone \ufffd']);
  });

  it('keep custom attributes bounded, apart from the contract, and of one kind a value', async () => {
    const chat = using({ attributes: { region: 'eu', model: 'ignored' } });
    chat({}, { tier: 1, stream: 'ignored', status: 'ignored' });
    chat({}, { tier: '1' });
    chat({}, { region: 'us' });
    expect(await requests(tracker)).toEqual([
      { region: 'eu', tier: 1, endpoint_type: 'chat', stream: false, status: 'success', count: 2 },
      { region: 'us', endpoint_type: 'chat', stream: false, status: 'success', count: 1 },
    ]);
  });

  it('drop custom keys past a hundred', async () => {
    const chat = using();
    for (let i = 0; i < 150; i++) chat({}, { [`key-${i}`]: 'value' });
    const rows = await requests(tracker);
    expect(rows).toHaveLength(101);
  });

  it('stay paired when a call moves past the limit', async () => {
    tracker = createTestTracker({ labelLimits: { provider: 1 } });
    const run = tracker.trackInference(async function chat(provider: string) {
      currentInference()?.setProvider(provider);
      await null;
    });
    await Promise.all(['a', 'b', 'c'].map(run));
    expect(await labels('provider')).toEqual(['a', '_other']);
    expect(await inFlight(tracker)).toBe(0);
    expect(await only(tracker, 'requests_total').catch(() => 'several')).toBe('several');
  });
});

describe('the stream label', () => {
  it.each<[string, unknown, () => unknown, boolean]>([
    ['false where nothing says otherwise', {}, () => 'text', false],
    ['true where the request asks and nothing comes back to tell', { stream: true }, () => undefined, true],
    ['false where the request asks and a value comes back', { stream: true }, () => ({}), false],
    ['false where the request has something else in that field', { stream: 'true' }, () => undefined, false],
    ['true where a stream comes back unasked', {}, () => (function* () {})(), true],
  ])('is %s', async (_name, request, result, expected) => {
    tracker = createTestTracker();
    const returned = tracker.trackInference((_request: unknown) => result())(request);
    if (expected && returned !== undefined) for (const _ of returned as Iterable<unknown>);
    expect(await labels('stream')).toEqual([expected]);
  });

  it('is what the option says where a value comes back, and true where a stream does', async () => {
    tracker = createTestTracker();
    tracker.trackInference(() => 'written to the socket by the method', { stream: true })();
    for (const _ of tracker.trackInference(function* () {}, { stream: false })());
    expect(await requests(tracker)).toEqual([{ stream: true, status: 'success', count: 2 }]);
  });
});
