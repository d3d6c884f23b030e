import { createInferenceTracker, TrackInference, trackInference } from 'track-inference';
import { createTestTracker } from 'track-inference/testing';
import { inFlight, outcome, requests } from '../support/readings.js';

class DecoratedAtImport {
  @TrackInference()
  async *chat() {
    yield 'hello';
  }
}

describe('createTestTracker', () => {
  it('reads the metrics of classes that were decorated at import', async () => {
    const tracker = createTestTracker();
    for await (const _ of new DecoratedAtImport().chat()) tracker.clock.advance(250);
    expect(await outcome(tracker)).toEqual({
      status: 'success',
      stream: true,
      seconds: 0.25,
      firstToken: 0,
      inFlight: 0,
    });
    await tracker.dispose();
  });

  it('gives rows as plain objects, by name with or without its prefix', async () => {
    const tracker = createTestTracker();
    trackInference(function chat() {
      tracker.clock.advance(500);
    })();
    const attributes = { endpoint_type: 'chat', stream: false, status: 'success' };
    const name = 'llama_stack.inference.request_duration_seconds';
    const row = { name, attributes, count: 1, sum: 0.5, min: 0.5, max: 0.5 };
    expect(await tracker.rows('request_duration_seconds')).toEqual([row]);
    expect(await tracker.rows(name)).toEqual([row]);
    expect(await tracker.rows('duration_seconds')).toEqual([]);
    expect(await tracker.rows()).toContainEqual(row);
    await tracker.dispose();
  });

  it('leaves calls that were running where they began, and gives the default tracker back', async () => {
    const first = createTestTracker();
    const running = new DecoratedAtImport().chat();
    await running.next();
    const second = createTestTracker();
    for await (const _ of running);
    trackInference(function other() {})();
    expect(await requests(first)).toMatchObject([{ endpoint_type: 'chat', count: 1 }]);
    expect(await inFlight(first)).toBe(0);
    expect(await requests(second)).toMatchObject([{ endpoint_type: 'other', count: 1 }]);
    await second.dispose();
    trackInference(function again() {})();
    expect(await requests(first)).toMatchObject([{ endpoint_type: 'chat' }, { endpoint_type: 'again' }]);
    await first.dispose();
  });

  it('stands beside the default tracker with replaceDefault: false', async () => {
    const tracker = createTestTracker({ replaceDefault: false, provider: 'acme' });
    trackInference(function ignored() {})();
    tracker.trackInference(function counted() {})();
    expect(await requests(tracker)).toEqual([
      { provider: 'acme', endpoint_type: 'counted', stream: false, status: 'success', count: 1 },
    ]);
    await tracker.dispose();
  });

  it('refuses a clock that moves back', () => {
    expect(() => createTestTracker({ replaceDefault: false }).clock.advance(-1)).toThrow(RangeError);
  });
});

describe('createInferenceTracker', () => {
  it.each<[object, RegExp]>([
    [{ provider: '' }, /option "provider" must be a non-empty string, got ""/],
    [{ meterProvider: {} }, /option "meterProvider" must be a MeterProvider/],
    [{ cancelledAs: 'ignored' }, /option "cancelledAs" must be/],
    [{ labelLimits: { models: 1 } }, /option "labelLimits" must be/],
    [{ labelLimits: { model: -1 } }, /option "labelLimits"/],
    [{ buckets: { requestDuration: [2, 1] } }, /option "buckets" must be an object of ascending numbers/],
    [{ now: 1 }, /option "now" must be a function/],
    [{ unknown: 1 }, /unknown option "unknown"; the options are meterProvider/],
    ['nonsense' as unknown as object, /options must be an object, got "nonsense"/],
  ])('refuses %j', (options, message) => {
    expect(() => createInferenceTracker(options)).toThrow(TypeError);
    expect(() => createInferenceTracker(options)).toThrow(message);
  });
});
