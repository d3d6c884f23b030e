import {
  CONCURRENT_REQUESTS,
  INFERENCE_DURATION,
  METER_NAME,
  REQUEST_DURATION,
  REQUESTS_TOTAL,
  TIME_TO_FIRST_TOKEN,
  TOKENS_PER_SECOND,
} from '../metric-names.js';
import type { Vocabulary } from './vocabulary.js';

/** Doubling from 10 ms to 11 minutes: the SDK's own defaults are shaped for milliseconds. */
const SECONDS = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 327.68, 655.36,
];
const TOKEN_RATES = [1, 2.5, 5, 10, 20, 30, 40, 50, 75, 100, 150, 200, 300, 500, 1000, 2500, 5000, 10000, 50000];

/**
 * llama-stack's six inference metrics.
 *
 * Units are those under which the names come out the same behind a scrape and behind OTLP: translators append
 * `{token}/s` as `_per_second` and `1` as `_ratio`, so the token rate has none.
 */
export const llamaStack = {
  meter: METER_NAME,
  inFlight: {
    name: CONCURRENT_REQUESTS,
    kind: 'upDownCounter',
    unit: '{request}',
    description: 'Number of concurrent inference requests being processed',
  },
  settled: [
    {
      name: REQUESTS_TOTAL,
      kind: 'counter',
      unit: '{request}',
      description: 'Total number of inference requests processed',
      value: () => 1,
      zeroSeries: (call) => call.labels.settledAs('error'),
    },
    {
      name: REQUEST_DURATION,
      kind: 'histogram',
      unit: 's',
      description: 'Duration of inference requests from start to completion',
      boundaries: SECONDS,
      value: (call) => call.requestSeconds,
    },
    {
      name: TOKENS_PER_SECOND,
      kind: 'histogram',
      unit: '',
      description: 'Token generation rate (total_tokens / duration)',
      boundaries: TOKEN_RATES,
      value: (call) => call.tokensPerSecond,
    },
    {
      name: INFERENCE_DURATION,
      kind: 'histogram',
      unit: 's',
      description: 'Time spent in model inference',
      boundaries: SECONDS,
      value: (call) => call.inferenceSeconds,
    },
    {
      name: TIME_TO_FIRST_TOKEN,
      kind: 'histogram',
      unit: 's',
      description: 'Time from request start until first token is generated',
      boundaries: SECONDS,
      value: (call) => call.firstTokenSeconds,
    },
  ],
} as const satisfies Vocabulary;
