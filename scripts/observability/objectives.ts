/** What is promised, and how fast a broken promise is noticed. Change it here, then `npm run observability`. */

/** A bucket edge with a fraction: only such an edge has the same `le` on every route. */
export const FIRST_TOKEN_WITHIN_SECONDS = 2.56;

export interface Objective {
  /** Of the recorded ratio: `labels:<this>:ratio_rate5m`. */
  readonly badRatio: 'errors' | 'slow_first_tokens';
  /** Of the recorded rate that tells whether there is enough traffic to judge. */
  readonly events: 'judged_requests' | 'first_tokens';
  readonly alert: string;
  /** The share of events that may be bad. Above 6.9 % the fastest burn rate, 14.4, could never be reached. */
  readonly budget: number;
  readonly promise: string;
}

export const OBJECTIVES: readonly Objective[] = [
  {
    badRatio: 'errors',
    events: 'judged_requests',
    alert: 'InferenceErrorBudgetBurn',
    budget: 0.01,
    promise: '99 % of requests without an error',
  },
  {
    badRatio: 'slow_first_tokens',
    events: 'first_tokens',
    alert: 'InferenceFirstTokenBudgetBurn',
    budget: 0.05,
    promise: `95 % of first tokens within ${FIRST_TOKEN_WITHIN_SECONDS} s`,
  },
];

export interface BurnWindow {
  readonly long: string;
  readonly longSeconds: number;
  /** Also burning, so that the alert ends soon after the trouble does. */
  readonly short: string;
  /** How many times faster than allowed the budget goes. */
  readonly burnRate: number;
  readonly severity: 'page' | 'ticket';
}

/** The windows of the SRE workbook, chapter 5: a page after 2 % or 5 % of a month's budget, a ticket after 10 %. */
export const BURN_WINDOWS: readonly BurnWindow[] = [
  { long: '1h', longSeconds: 3_600, short: '5m', burnRate: 14.4, severity: 'page' },
  { long: '6h', longSeconds: 21_600, short: '30m', burnRate: 6, severity: 'page' },
  { long: '1d', longSeconds: 86_400, short: '2h', burnRate: 3, severity: 'ticket' },
  { long: '3d', longSeconds: 259_200, short: '6h', burnRate: 1, severity: 'ticket' },
];

/** Fewer events than this in the long window wake nobody up: one failure among three is no trend. */
export const ENOUGH_EVENTS = 50;

/** The share of streams left before their first token above which somebody should look. */
export const LEFT_BEFORE_FIRST_TOKEN = 0.2;

/** The share of requests under a folded label above which somebody should look. */
export const FOLDED_REQUESTS = 0.01;
