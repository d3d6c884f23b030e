import { diag } from '@opentelemetry/api';
import { TokenExtractorRegistry } from 'track-inference';
import { createTestTracker } from 'track-inference/testing';
import { oncePerCause } from '../lib/diagnostics.js';
import { outcome } from './support/readings.js';
import { heardWarnings } from './support/warnings.js';

let warnings: string[];
beforeEach(() => {
  warnings = heardWarnings();
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

describe('warnOnce', () => {
  it.each<[string, unknown, string]>([
    ['the message of an error', new RangeError('too far'), 'too far'],
    ['a text', 'dropped', 'dropped'],
    ['the kind of an object', { secret: 'sk-123' }, 'threw [object Object]'],
    ['null', null, 'threw [object Null]'],
    ['another value', 7, 'threw 7'],
    ['nothing at all', undefined, 'threw undefined'],
    ['a symbol', Symbol('sym'), 'threw Symbol(sym)'],
  ])('says %s, where it happened', (_what, problem, message) => {
    oncePerCause()('chat', problem);
    expect(warnings).toEqual([`track-inference: chat: ${message}`]);
  });

  it('tells one place from another, and one problem', () => {
    const warnOnce = oncePerCause();
    for (const where of ['a', 'b', 'a']) for (const problem of ['x', 'y']) warnOnce(where, problem);
    expect(warnings).toEqual(['a: x', 'a: y', 'b: x', 'b: y'].map((cause) => `track-inference: ${cause}`));
  });

  it('reports a thousand causes, then that there are more, then nothing', () => {
    const warnOnce = oncePerCause();
    for (let i = 0; i < 999; i++) warnOnce('chat', `problem ${i}`);
    expect(warnings).toHaveLength(999);
    for (let i = 999; i < 1100; i++) warnOnce('chat', `problem ${i}`);
    expect(warnings.slice(999)).toEqual([
      'track-inference: chat: problem 999',
      'track-inference: 1000 distinct problems reported; further ones are not.',
    ]);
  });

  it('survives what cannot be read', () => {
    const problem = new Error();
    Object.defineProperty(problem, 'message', {
      get() {
        throw new Error('trapped');
      },
    });
    expect(() => oncePerCause()('chat', problem)).not.toThrow();
    expect(warnings).toEqual([]);
  });
});
