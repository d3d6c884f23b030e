import type { PrometheusSample } from '../traffic/prometheus-text.js';
import { added, type Histogram } from './histogram.js';

const PREFIX = 'llama_stack_inference_';

/** The figures of one model at one provider, or of all together. */
export interface Figures {
  readonly model: string;
  readonly provider: string;
  readonly success: number;
  readonly error: number;
  readonly cancelled: number;
  readonly inFlight: number;
  /** Seconds. */
  readonly firstToken: Histogram;
  /** Seconds. */
  readonly duration: Histogram;
  readonly tokensPerSecond: Histogram;
}

/** Failed requests of one kind. */
interface ErrorCount {
  readonly type: string;
  readonly model: string;
  readonly provider: string;
  readonly endpointType: string;
  readonly count: number;
}

/** What GET /metrics said at one moment. */
export interface Reading {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly all: Figures;
  readonly pairs: ReadonlyMap<string, Figures>;
  readonly errors: readonly ErrorCount[];
}

/** Sums up a scrape by model and provider; what other labels tell apart is counted together. */
export function reading(samples: readonly PrometheusSample[], at: number): Reading {
  const groups = new Map<string, PrometheusSample[]>();
  for (const sample of samples) {
    if (!sample.name.startsWith(PREFIX)) continue;
    const key = pairKey(sample.labels['model'] ?? '', sample.labels['provider'] ?? '');
    const group = groups.get(key);
    if (group) group.push(sample);
    else groups.set(key, [sample]);
  }
  // While a request looks for its provider it is counted without one; that series is at 0 for ever after.
  const pairs = new Map(
    [...groups]
      .map(([key, group]) => [key, figures(group)] as const)
      .filter(([, one]) => settled(one) + one.inFlight !== 0),
  );
  return { at, all: total([...pairs.values()]), pairs, errors: errors(samples) };
}

/** How many requests have ended, in whatever way. */
export function settled({ success, error, cancelled }: Figures): number {
  return success + error + cancelled;
}

export function pairKey(model: string, provider: string): string {
  return JSON.stringify([model, provider]);
}

function figures(samples: readonly PrometheusSample[]): Figures {
  const { model = '', provider = '' } = samples[0]?.labels ?? {};
  const requests = (status: string) =>
    sum(samples.filter(({ name, labels }) => name === `${PREFIX}requests_total` && labels['status'] === status));
  return {
    model,
    provider,
    success: requests('success'),
    error: requests('error'),
    cancelled: requests('cancelled'),
    inFlight: sum(samples.filter(({ name }) => name === `${PREFIX}concurrent_requests`)),
    firstToken: histogram(samples, 'time_to_first_token_seconds'),
    duration: histogram(samples, 'request_duration_seconds'),
    tokensPerSecond: histogram(samples, 'tokens_per_second'),
  };
}

function total(all: readonly Figures[]): Figures {
  const add = (figure: 'success' | 'error' | 'cancelled' | 'inFlight') =>
    all.reduce((sum, one) => sum + one[figure], 0);
  return {
    model: '',
    provider: '',
    success: add('success'),
    error: add('error'),
    cancelled: add('cancelled'),
    inFlight: add('inFlight'),
    firstToken: added(all.map(({ firstToken }) => firstToken)),
    duration: added(all.map(({ duration }) => duration)),
    tokensPerSecond: added(all.map(({ tokensPerSecond }) => tokensPerSecond)),
  };
}

function histogram(samples: readonly PrometheusSample[], metric: string): Histogram {
  const named = (suffix: string) => samples.filter(({ name }) => name === `${PREFIX}${metric}_${suffix}`);
  const buckets = new Map<number, number>();
  for (const { labels, value } of named('bucket')) {
    const edge = Number(labels['le']?.replace('+Inf', 'Infinity'));
    buckets.set(edge, (buckets.get(edge) ?? 0) + value);
  }
  return { count: sum(named('count')), sum: sum(named('sum')), buckets: [...buckets].sort(([a], [b]) => a - b) };
}

/** By kind: the duration of a failed request carries the type of its error. */
function errors(samples: readonly PrometheusSample[]): ErrorCount[] {
  const counts = new Map<string, ErrorCount>();
  for (const { name, labels, value } of samples) {
    if (name !== `${PREFIX}request_duration_seconds_count` || labels['status'] !== 'error') continue;
    const { model = '', provider = '', endpoint_type: endpointType = '' } = labels;
    const type = labels['error_type'] ?? 'unknown';
    const key = JSON.stringify([type, model, provider, endpointType]);
    const count = (counts.get(key)?.count ?? 0) + value;
    counts.set(key, { type, model, provider, endpointType, count });
  }
  return [...counts.values()];
}

function sum(samples: readonly PrometheusSample[]): number {
  return samples.reduce((total, { value }) => total + value, 0);
}
