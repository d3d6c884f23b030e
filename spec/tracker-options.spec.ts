import { createInferenceTracker, llamaStack, TokenExtractorRegistry, type TrackerOptions } from 'track-inference';
import { InferenceMetricProducer } from 'track-inference/producer';

const iterable = { *[Symbol.iterator]() {} };

describe('createInferenceTracker', () => {
  it.each<TrackerOptions>([
    { meterProvider: { getMeter: () => ({}) as never } },
    { provider: 'acme' },
    { attributes: {} },
    { extractors: new TokenExtractorRegistry() },
    { throughput: 'total' },
    { throughput: 'output' },
    { cancelledAs: 'success' },
    { cancelledAs: 'error' },
    { cancelledAs: 'cancelled' },
    { labelLimits: { model: 0, provider: Infinity, endpointType: 1, attributes: undefined } },
    { allowedModels: new Set(['m']) },
    { allowedModels: iterable },
    { buckets: {} },
    {
      buckets: {
        requestDuration: [],
        inferenceDuration: [-1, 0, 1],
        timeToFirstToken: [1],
        tokensPerSecond: undefined,
      },
    },
    { vocabularies: [] },
    { vocabularies: [llamaStack] },
    { extras: ['tokens', 'time_per_output_token', 'attempts'] },
    { slo: { timeToFirstTokenSeconds: 0.5, timePerOutputTokenSeconds: undefined, requestDurationSeconds: 1 } },
    { errorType: false },
    { abandonAfterMs: 0.5 },
    { onSettled() {} },
    { sink: new InferenceMetricProducer() },
    { asyncContext: true },
    { excludeConsumerTime: true },
    { now: () => 0 },
    { provider: undefined, labelLimits: undefined },
  ])('takes %j', (options) => {
    expect(() => createInferenceTracker(options)).not.toThrow();
  });

  const limits = 'an object of whole numbers, zero or more: model, provider, endpointType, attributes';
  const buckets =
    'an object of ascending numbers: requestDuration, inferenceDuration, timeToFirstToken, tokensPerSecond';
  const levels = 'an object of seconds: timeToFirstTokenSeconds, timePerOutputTokenSeconds, requestDurationSeconds';
  const extras = 'a list of tokens, time_per_output_token, attempts';
  const models = 'a list or a set of model names';

  it.each<[keyof TrackerOptions, unknown, string, string]>([
    ['meterProvider', {}, 'a MeterProvider', 'an object'],
    ['meterProvider', null, 'a MeterProvider', 'null'],
    ['meterProvider', 'getMeter', 'a MeterProvider', '"getMeter"'],
    ['meterProvider', { getMeter: 1 }, 'a MeterProvider', 'an object'],
    ['provider', '', 'a non-empty string', '""'],
    ['provider', 7, 'a non-empty string', '7'],
    ['attributes', null, 'an object', 'null'],
    ['attributes', 'a', 'an object', '"a"'],
    ['extractors', {}, 'a TokenExtractorRegistry', 'an object'],
    ['throughput', 'input', "'total' or 'output'", '"input"'],
    ['cancelledAs', 'failed', "'cancelled', 'success' or 'error'", '"failed"'],
    ['labelLimits', 5, limits, '5'],
    ['labelLimits', null, limits, 'null'],
    ['labelLimits', { model: -1 }, limits, 'an object'],
    ['labelLimits', { model: 1.5 }, limits, 'an object'],
    ['labelLimits', { provider: -Infinity }, limits, 'an object'],
    ['labelLimits', { models: 1 }, limits, 'an object'],
    ['allowedModels', 'm', models, '"m"'],
    ['allowedModels', null, models, 'null'],
    ['allowedModels', {}, models, 'an object'],
    ['buckets', [1, 2], buckets, 'an array'],
    ['buckets', 7, buckets, '7'],
    ['buckets', null, buckets, 'null'],
    ['buckets', { requestDuration: 1 }, buckets, 'an object'],
    ['buckets', { requestDuration: [1, 1] }, buckets, 'an object'],
    ['buckets', { tokensPerSecond: [1, 3, 2] }, buckets, 'an object'],
    ['buckets', { timeToFirstToken: [1, Infinity] }, buckets, 'an object'],
    ['buckets', { timeToFirstToken: ['1'] }, buckets, 'an object'],
    ['buckets', { inferenceDurations: [1] }, buckets, 'an object'],
    ['vocabularies', llamaStack, 'a list of vocabularies', 'an object'],
    ['vocabularies', [llamaStack, { meter: 'mine' }], 'a list of vocabularies', 'an array'],
    ['vocabularies', [{ settled: [] }], 'a list of vocabularies', 'an array'],
    ['vocabularies', [null], 'a list of vocabularies', 'an array'],
    ['extras', 'tokens', extras, '"tokens"'],
    ['extras', ['tokens', 'time'], extras, 'an array'],
    ['extras', ['constructor'], extras, 'an array'],
    ['extras', [['tokens']], extras, 'an array'],
    ['slo', 1, levels, '1'],
    ['slo', null, levels, 'null'],
    ['slo', { requestDurationSeconds: 0 }, levels, 'an object'],
    ['slo', { timeToFirstTokenSeconds: Infinity }, levels, 'an object'],
    ['slo', { timePerOutputTokenSeconds: '1' }, levels, 'an object'],
    ['slo', { latencySeconds: 1 }, levels, 'an object'],
    ['errorType', 'yes', 'true or false', '"yes"'],
    ['abandonAfterMs', 0, 'a number of milliseconds above zero', '0'],
    ['abandonAfterMs', Infinity, 'a number of milliseconds above zero', 'Infinity'],
    ['abandonAfterMs', '5', 'a number of milliseconds above zero', '"5"'],
    ['onSettled', {}, 'a function of the settled call', 'an object'],
    ['sink', {}, 'an InferenceSink', 'an object'],
    ['asyncContext', 1, 'true or false', '1'],
    ['excludeConsumerTime', null, 'true or false', 'null'],
    ['now', 0, 'a function that returns milliseconds', '0'],
    ['now', Symbol('now'), 'a function that returns milliseconds', 'Symbol(now)'],
    ['provider', () => 'p', 'a non-empty string', 'a function'],
  ])('refuses %s: %p', (option, value, expected, got) => {
    const make = () => createInferenceTracker({ [option]: value });
    expect(make).toThrow(new TypeError(`createInferenceTracker: option "${option}" must be ${expected}, got ${got}.`));
    expect(make).toThrow(TypeError);
  });

  it.each(['endpointType', 'constructor', ''])('refuses the unknown option "%s", and names those there are', (name) => {
    expect(() => createInferenceTracker({ [name]: 1 })).toThrow(
      new TypeError(
        `createInferenceTracker: unknown option "${name}"; the options are meterProvider, provider, attributes, extractors, throughput, cancelledAs, labelLimits, allowedModels, buckets, vocabularies, extras, slo, errorType, abandonAfterMs, onSettled, sink, asyncContext, excludeConsumerTime, now.`,
      ),
    );
  });

  it.each<[unknown, string]>([
    [null, 'null'],
    ['acme', '"acme"'],
    [() => ({}), 'a function'],
  ])('refuses %p for its options', (options, got) => {
    expect(() => createInferenceTracker(options as TrackerOptions)).toThrow(
      new TypeError(`createInferenceTracker: options must be an object, got ${got}.`),
    );
  });
});
