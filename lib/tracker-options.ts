import type { MeterProvider } from '@opentelemetry/api';
import type { TokenExtractorRegistry } from './extraction/registry.js';
import type { InferenceStatus } from './metrics/attributes.js';
import type { BucketOptions } from './metrics/bucket-options.js';
import type { AttributeValue } from './metrics/custom-attributes.js';
import type { InferenceRecord } from './metrics/inference-record.js';
import type { LabelLimits } from './metrics/label-limits.js';
import type { InferenceSink } from './metrics/sinks/inference-sink.js';
import type { InstrumentOptions } from './metrics/vocabularies/chosen.js';
import { EXTRAS } from './metrics/vocabularies/extras.js';
import { describe } from './options.js';

/** The settings of a tracker: all methods that it tracks share them. */
export interface TrackerOptions extends InstrumentOptions {
  /** Where instruments are made. @default whatever is the global MeterProvider at the moment of recording */
  meterProvider?: MeterProvider | undefined;
  /** The provider of calls that name none. @default none: the label is left out */
  provider?: string | undefined;
  /** Custom attributes on every metric of every call; those of the method and of the call go over them. @default none */
  attributes?: Readonly<Record<string, AttributeValue>> | undefined;
  /** How tokens are read. @default `tokenExtractors` */
  extractors?: TokenExtractorRegistry | undefined;
  /** Which tokens `tokens_per_second` counts: input and output, or the output alone. @default 'total' */
  throughput?: 'total' | 'output' | undefined;
  /** The status under which a call that its consumer left is recorded. @default 'cancelled' */
  cancelledAs?: InferenceStatus | undefined;
  /** How many distinct values each label may take. @default model 200, provider 50, endpointType 50, attributes 100 per key */
  labelLimits?: LabelLimits | undefined;
  /** Models that are always recorded under their own name, beside those that `labelLimits.model` admits. @default none */
  allowedModels?: Iterable<string> | undefined;
  /** Bucket boundaries of the histograms. @default doubling from 10 ms to 11 minutes; 1 to 50,000 tokens per second */
  buckets?: BucketOptions | undefined;
  /** Where measurements go instead of the OpenTelemetry API's instruments. @default those instruments */
  sink?: InferenceSink | undefined;
  /**
   * Whether `currentInference()` and nesting find the running call after an `await`. One AsyncLocalStorage does it,
   * started at the first tracked call under a provider; on Node 20 and 22 the first one in a process makes promises
   * about twice as dear. False keeps the synchronous part of a method. @default true
   */
  asyncContext?: boolean | undefined;
  /** Counts a stream's time in the model without the time its consumer takes, for two clock readings a chunk. @default false */
  excludeConsumerTime?: boolean | undefined;
  /**
   * Gives up a promise or a stream that has been silent for so many milliseconds: it is cancelled, and its durations end
   * at the last sign of life. For consumers that hold on to a stream and never read it. Reads the clock at every chunk.
   * @default never
   */
  abandonAfterMs?: number | undefined;
  /**
   * Gets one frozen record of every settled call, for billing and logs, whether or not a MeterProvider is set. Called at
   * the moment the call settles, so keep it short; what it throws, or rejects with, goes to `diag`. @default none
   */
  onSettled?: ((record: InferenceRecord) => void) | undefined;
  /** A monotonic clock in milliseconds, for tests. @default performance.now */
  now?: (() => number) | undefined;
}

type Check = readonly [test: (value: unknown) => boolean, expected: string];

const BOOLEAN: Check = [(value) => typeof value === 'boolean', 'true or false'];
const OBJECT: Check = [(value) => typeof value === 'object' && value !== null, 'an object'];

const CHECKS: { readonly [option in keyof TrackerOptions]-?: Check } = {
  meterProvider: [hasMethod('getMeter'), 'a MeterProvider'],
  provider: [(value) => typeof value === 'string' && value !== '', 'a non-empty string'],
  attributes: OBJECT,
  extractors: [hasMethod('recognize'), 'a TokenExtractorRegistry'],
  throughput: [(value) => value === 'total' || value === 'output', "'total' or 'output'"],
  cancelledAs: [isStatus, "'cancelled', 'success' or 'error'"],
  labelLimits: [isLimits, 'an object of whole numbers, zero or more: model, provider, endpointType, attributes'],
  allowedModels: [
    (value) => typeof value === 'object' && value !== null && Symbol.iterator in value,
    'a list or a set of model names',
  ],
  buckets: [
    isBuckets,
    'an object of ascending numbers: requestDuration, inferenceDuration, timeToFirstToken, tokensPerSecond',
  ],
  vocabularies: [isVocabularies, 'a list of vocabularies'],
  extras: [isExtras, `a list of ${Object.keys(EXTRAS).join(', ')}`],
  slo: [isLevels, 'an object of seconds: timeToFirstTokenSeconds, timePerOutputTokenSeconds, requestDurationSeconds'],
  errorType: BOOLEAN,
  abandonAfterMs: [(value) => Number.isFinite(value) && (value as number) > 0, 'a number of milliseconds above zero'],
  onSettled: [(value) => typeof value === 'function', 'a function of the settled call'],
  sink: [hasMethod('settled'), 'an InferenceSink'],
  asyncContext: BOOLEAN,
  excludeConsumerTime: BOOLEAN,
  now: [(value) => typeof value === 'function', 'a function that returns milliseconds'],
};

/** Throws a TypeError that says what to do if the options are not what {@link TrackerOptions} allows. */
export function checkTrackerOptions(options: unknown, where: string): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`${where}: options must be an object, got ${describe(options)}.`);
  }
  for (const [name, value] of Object.entries(options)) {
    const check = Object.hasOwn(CHECKS, name) ? CHECKS[name as keyof TrackerOptions] : undefined;
    if (check === undefined) {
      throw new TypeError(`${where}: unknown option "${name}"; the options are ${Object.keys(CHECKS).join(', ')}.`);
    }
    if (value !== undefined && !check[0](value)) {
      throw new TypeError(`${where}: option "${name}" must be ${check[1]}, got ${describe(value)}.`);
    }
  }
}

function hasMethod(name: string): (value: unknown) => boolean {
  return (value) =>
    typeof value === 'object' && value !== null && typeof (value as Record<string, unknown>)[name] === 'function';
}

function isStatus(value: unknown): boolean {
  return value === 'success' || value === 'error' || value === 'cancelled';
}

function isLimits(value: unknown): boolean {
  return isRecordOf(value, ['model', 'provider', 'endpointType', 'attributes'], (limit) => {
    return limit === Infinity || (Number.isInteger(limit) && (limit as number) >= 0);
  });
}

function isVocabularies(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one?.meter === 'string' && Array.isArray(one.settled));
}

function isExtras(value: unknown): boolean {
  return Array.isArray(value) && value.every((extra) => typeof extra === 'string' && Object.hasOwn(EXTRAS, extra));
}

function isLevels(value: unknown): boolean {
  return isRecordOf(
    value,
    ['timeToFirstTokenSeconds', 'timePerOutputTokenSeconds', 'requestDurationSeconds'],
    (level) => Number.isFinite(level) && (level as number) > 0,
  );
}

function isBuckets(value: unknown): boolean {
  return isRecordOf(
    value,
    ['requestDuration', 'inferenceDuration', 'timeToFirstToken', 'tokensPerSecond'],
    (boundaries) =>
      Array.isArray(boundaries) &&
      boundaries.every((edge, i) => Number.isFinite(edge) && (i === 0 || edge > boundaries[i - 1])),
  );
}

function isRecordOf(value: unknown, keys: readonly string[], test: (member: unknown) => boolean): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).every(([key, member]) => keys.includes(key) && (member === undefined || test(member)));
}
