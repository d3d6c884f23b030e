import {
  CONCURRENT_REQUESTS,
  INFERENCE_DURATION,
  REQUEST_DURATION,
  REQUESTS_TOTAL,
  TIME_TO_FIRST_TOKEN,
  TOKENS_PER_SECOND,
} from '../../lib/metrics/metric-names.js';
import { histogramSeries, sumSeries } from './instruments.js';
import { FIRST_TOKEN_WITHIN_SECONDS } from './objectives.js';
import type { Labels, PromQL } from './promql.js';

export const REQUESTS = sumSeries(REQUESTS_TOTAL);
export const IN_FLIGHT = sumSeries(CONCURRENT_REQUESTS);
export const DURATION = histogramSeries(REQUEST_DURATION);
const MODEL_TIME = histogramSeries(INFERENCE_DURATION);
export const FIRST_TOKEN = histogramSeries(TIME_TO_FIRST_TOKEN);
export const TOKEN_RATE = histogramSeries(TOKENS_PER_SECOND);
export const HISTOGRAMS = [DURATION, FIRST_TOKEN, MODEL_TIME, TOKEN_RATE];

/**
 * Requests that say something about the service.
 *
 * A client that left proves neither success nor failure. Counted among the good ones, an editor that cancels three
 * requests in four would hide three errors in four.
 */
const JUDGED = 'status!="cancelled"';

export function judgedRate(q: PromQL, by: Labels, window: string): string {
  return q.rate(by, REQUESTS.name, window, JUDGED);
}

/**
 * The share of judged requests that failed; 0, not nothing, where no request ever failed.
 *
 * `judged` is their rate: a rule passes the series that it has recorded already.
 */
export function errorRatio(q: PromQL, by: Labels, window: string, judged = judgedRate(q, by, window)): string {
  const failed = q.rate(by, REQUESTS.name, window, 'status="error"');
  return q.share(`(${failed} or ${judged} * 0)`, judged);
}

export function cancelledRatio(q: PromQL, by: Labels, window: string): string {
  const all = q.rate(by, REQUESTS.name, window);
  return q.share(`(${q.rate(by, REQUESTS.name, window, 'status="cancelled"')} or ${all} * 0)`, all);
}

/** The share of first tokens that took longer than the objective allows. */
export function slowFirstTokenRatio(q: PromQL, by: Labels, window: string): string {
  return `1 - ${q.within(FIRST_TOKEN_WITHIN_SECONDS, by, FIRST_TOKEN, window)}`;
}

/**
 * The share of streams whose client left before the first token.
 *
 * They have no time to first token, so that the slower a model gets, the rosier its quantiles look: those who would
 * have waited longest are missing. This is what is missing.
 */
export function leftBeforeFirstTokenRatio(q: PromQL, by: Labels, window: string): string {
  const streams = q.rate(by, REQUESTS.name, window, 'stream="true"');
  const left = q.rate(by, REQUESTS.name, window, 'stream="true",status="cancelled"');
  const leftLater = q.rate(by, FIRST_TOKEN.count, window, 'status="cancelled"');
  return q.share(`(${left} - (${leftLater} or ${left} * 0))`, streams);
}

/** What the router itself takes, on average: the request's time less the time in the model. */
export function overheadSeconds(q: PromQL, by: Labels, window: string): string {
  return `${q.mean(by, DURATION, window)} - ${q.mean(by, MODEL_TIME, window)}`;
}
