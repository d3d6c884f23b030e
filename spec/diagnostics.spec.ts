import { DiagLogLevel, diag } from '@opentelemetry/api';
import { TokenExtractorRegistry } from 'track-inference';
import { createTestTracker } from 'track-inference/testing';
import { outcome } from './support/readings.js';

let warnings: string[];
beforeEach(() => {
  warnings = [];
  const log = () => {};
  diag.setLogger(
    { warn: (message) => warnings.push(message), error: log, info: log, debug: log, verbose: log },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
});
afterEach(() => diag.disable());

const fail = (message: string) => () => {
  throw new Error(message);
};

describe('a fault of telemetry', () => {
  it.each<[string, object, RegExp]>([
    ['endpointType', { endpointType: fail('a') }, /: option "endpointType": a$/],
    ['model', { model: fail('b') }, /: option "model": b$/],
    ['provider', { provider: fail('c') }, /: option "provider": c$/],
    ['stream', { stream: fail('d') }, /: option "stream": d$/],
    ['signal', { signal: fail('e') }, /: option "signal": e$/],
    ['enabled', { enabled: fail('f') }, /: option "enabled": f$/],
    ['attributes', { attributes: fail('g') }, /: option "attributes": g$/],
    ['usage', { usage: fail('h') }, /: option "usage": h$/],
    ['a missing extractor', { extractor: 'nobody' }, /no extractor is registered as "nobody"$/],
    ['a promise', { model: async () => 'm' }, /: option "model": returned a promise; a selector must/],
  ])('in %s reaches diag once, and never the caller', async (_name, options, message) => {
    const tracker = createTestTracker();
    const chat = tracker.trackInference(function chat() {
      return 'answer';
    }, options);
    expect(chat()).toBe('answer');
    expect(chat()).toBe('answer');
    expect(warnings).toEqual([expect.stringMatching(message)]);
    expect(await tracker.rows('concurrent_requests')).toMatchObject([{ value: 0 }]);
    await tracker.dispose();
  });

  it('in an extractor leaves a stream as it is', async () => {
    const extractors = new TokenExtractorRegistry([
      {
        name: 'broken',
        recognizes: (value): value is string => typeof value === 'string',
        usage: fail('no usage here'),
        hasOutput: fail('no output here'),
      },
    ]);
    const tracker = createTestTracker({ extractors });
    const items: string[] = [];
    for await (const item of tracker.trackInference(async function* () {
      yield* ['a', 'b'];
    })())
      items.push(item);
    expect(items).toEqual(['a', 'b']);
    expect(await outcome(tracker)).toMatchObject({ status: 'success', inFlight: 0 });
    expect(warnings).toHaveLength(2);
    await tracker.dispose();
  });

  it('in the logger itself goes no further', async () => {
    diag.setLogger(
      { warn: fail('logger'), error() {}, info() {}, debug() {}, verbose() {} },
      { suppressOverrideMessage: true },
    );
    const tracker = createTestTracker();
    expect(tracker.trackInference(() => 'answer', { model: fail('unlogged') })()).toBe('answer');
    await tracker.dispose();
  });
});
