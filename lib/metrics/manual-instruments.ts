import type { Attributes, Context } from '@opentelemetry/api';
import { defaultTracker } from '../default-tracker.js';
import { warnOnce } from '../diagnostics.js';
import {
  CONCURRENT_REQUESTS,
  INFERENCE_DURATION,
  REQUEST_DURATION,
  REQUESTS_TOTAL,
  TIME_TO_FIRST_TOKEN,
  TOKENS_PER_SECOND,
} from './metric-names.js';
import type { ManualInstrument } from './sinks/inference-sink.js';

/** A counter that finds its MeterProvider when it is used, so that it may be imported before one is set. */
export interface LateBoundCounter {
  /** Adds `value`, where the default tracker records at that moment; nowhere under no MeterProvider. Never throws. */
  add(value: number, attributes?: Attributes, context?: Context): void;
}

/** A histogram that finds its MeterProvider when it is used, so that it may be imported before one is set. */
export interface LateBoundHistogram {
  /** Records `value`, where the default tracker records at that moment; nowhere under no MeterProvider. Never throws. */
  record(value: number, attributes?: Attributes, context?: Context): void;
}

/** Requests that settled, `{request}`. Negative and non-finite values are dropped. */
export const requestsTotal: LateBoundCounter = /* @__PURE__ */ counter(REQUESTS_TOTAL, 0);
/** Seconds from method entry to settled. Negative and non-finite values are dropped. */
export const requestDuration: LateBoundHistogram = /* @__PURE__ */ histogram(REQUEST_DURATION);
/** Requests in flight, `{request}`: add 1 and −1 with identical attributes. Non-finite values are dropped. */
export const concurrentRequests: LateBoundCounter = /* @__PURE__ */ counter(CONCURRENT_REQUESTS, -Infinity);
/** Tokens per second of request duration. Negative and non-finite values are dropped. */
export const tokensPerSecond: LateBoundHistogram = /* @__PURE__ */ histogram(TOKENS_PER_SECOND);
/** Seconds spent in the model. Negative and non-finite values are dropped. */
export const inferenceDuration: LateBoundHistogram = /* @__PURE__ */ histogram(INFERENCE_DURATION);
/** Seconds from method entry to the first output. Negative and non-finite values are dropped. */
export const timeToFirstToken: LateBoundHistogram = /* @__PURE__ */ histogram(TIME_TO_FIRST_TOKEN);

function counter(name: string, least: number): LateBoundCounter {
  return {
    add: (value, attributes, context) =>
      withInstrument(name, value, least, (instrument) => instrument.add?.(value, attributes, context)),
  };
}

function histogram(name: string): LateBoundHistogram {
  return {
    record: (value, attributes, context) =>
      withInstrument(name, value, 0, (instrument) => instrument.record?.(value, attributes, context)),
  };
}

function withInstrument(name: string, value: number, least: number, use: (instrument: ManualInstrument) => void): void {
  if (!Number.isFinite(value) || value < least) {
    warnOnce(name, `dropped the value ${String(value)}; it takes ${least === 0 ? 'zero or more' : 'finite numbers'}`);
    return;
  }
  try {
    const instrument = defaultTracker().tracker.runtime.sink.instrument(name);
    if (instrument !== undefined) use(instrument);
  } catch (error) {
    warnOnce(name, error);
  }
}
