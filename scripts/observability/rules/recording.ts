import { BURN_WINDOWS } from '../objectives.js';
import type { PromQL } from '../promql.js';
import {
  cancelledRatio,
  DURATION,
  errorRatio,
  FIRST_TOKEN,
  HISTOGRAMS,
  IN_FLIGHT,
  judgedRate,
  leftBeforeFirstTokenRatio,
  overheadSeconds,
  slowFirstTokenRatio,
  TOKEN_RATE,
} from '../signals.js';
import { KEPT, type RecordingRule, type RuleGroup } from './rule.js';

/** The names of the recorded series, as rules and panels spell them. */
export const RECORDED = {
  judged_requests: 'llama_stack_inference_judged_requests',
  errors: 'llama_stack_inference_errors',
  first_tokens: 'llama_stack_inference_first_tokens',
  slow_first_tokens: 'llama_stack_inference_slow_first_tokens',
  cancelled: 'llama_stack_inference_cancelled',
  left_before_first_token: 'llama_stack_inference_left_before_first_token',
  overhead: 'llama_stack_inference_overhead_seconds',
} as const;

const QUANTILES = [0.5, 0.95, 0.99];

/** Windows of a day read a lot of samples and move slowly; they are worked out less often. */
const SHORT_WINDOWS = ['5m', '30m', '1h', '2h'];
const LONG_WINDOWS = ['6h', '1d', '3d'];

export function recordingGroups(q: PromQL): RuleGroup[] {
  const missing = BURN_WINDOWS.flatMap(({ long, short }) => [long, short]).filter(
    (window) => !SHORT_WINDOWS.includes(window) && !LONG_WINDOWS.includes(window),
  );
  if (missing.length > 0) throw new Error(`No rule records the windows ${missing.join(', ')}.`);
  return [
    { name: 'inference_objectives', interval: '30s', rules: SHORT_WINDOWS.flatMap((window) => objectives(q, window)) },
    {
      name: 'inference_objectives_slow',
      interval: '3m',
      rules: LONG_WINDOWS.flatMap((window) => objectives(q, window)),
    },
    { name: 'inference_summary', interval: '30s', rules: summary(q) },
  ];
}

function objectives(q: PromQL, window: string): RecordingRule[] {
  const rule = (name: keyof typeof RECORDED, operation: string, expr: string) => ({
    record: q.recorded(KEPT, RECORDED[name], `${operation}${window}`),
    expr,
  });
  return [
    rule('judged_requests', 'rate', judgedRate(q, KEPT, window)),
    rule(
      'errors',
      'ratio_rate',
      errorRatio(q, KEPT, window, q.recorded(KEPT, RECORDED.judged_requests, `rate${window}`)),
    ),
    rule('first_tokens', 'rate', q.rate(KEPT, FIRST_TOKEN.count, window)),
    rule('slow_first_tokens', 'ratio_rate', slowFirstTokenRatio(q, KEPT, window)),
  ];
}

function summary(q: PromQL): RecordingRule[] {
  const quantiles = HISTOGRAMS.flatMap((histogram) =>
    QUANTILES.map((quantile) => ({
      record: q.recorded(KEPT, histogram.name, `p${quantile * 100}_rate5m`),
      expr: q.quantile(quantile, KEPT, histogram, '5m'),
    })),
  );
  const means = [DURATION, FIRST_TOKEN, TOKEN_RATE].map((histogram) => ({
    record: q.recorded(KEPT, histogram.name, 'mean_rate5m'),
    expr: q.mean(KEPT, histogram, '5m'),
  }));
  return [
    ...quantiles,
    ...means,
    { record: q.recorded(KEPT, RECORDED.overhead, 'mean_rate5m'), expr: overheadSeconds(q, KEPT, '5m') },
    { record: q.recorded(KEPT, IN_FLIGHT.name, 'sum'), expr: q.gauge(KEPT, IN_FLIGHT) },
    { record: q.recorded(KEPT, RECORDED.cancelled, 'ratio_rate5m'), expr: cancelledRatio(q, KEPT, '5m') },
    {
      record: q.recorded(KEPT, RECORDED.left_before_first_token, 'ratio_rate30m'),
      expr: leftBeforeFirstTokenRatio(q, KEPT, '30m'),
    },
  ];
}
