/** A histogram as Prometheus tells it: cumulative counts by upper edge, `+Infinity` last. */
export interface Histogram {
  readonly count: number;
  readonly sum: number;
  /** Sorted by edge; each count includes those before it. */
  readonly buckets: readonly (readonly [edge: number, count: number])[];
}

export const EMPTY: Histogram = { count: 0, sum: 0, buckets: [] };

/** Counts up several series. */
export function added(histograms: readonly Histogram[]): Histogram {
  const buckets = new Map<number, number>();
  let count = 0;
  let sum = 0;
  for (const histogram of histograms) {
    count += histogram.count;
    sum += histogram.sum;
    for (const [edge, below] of histogram.buckets) buckets.set(edge, (buckets.get(edge) ?? 0) + below);
  }
  return { count, sum, buckets: [...buckets].sort(([a], [b]) => a - b) };
}

/** What came between two readings. */
export function difference(now: Histogram, before: Histogram): Histogram {
  const past = new Map(before.buckets);
  return {
    count: now.count - before.count,
    sum: now.sum - before.sum,
    buckets: now.buckets.map(([edge, below]) => [edge, below - (past.get(edge) ?? 0)] as const),
  };
}

/** Estimates a quantile as Prometheus' `histogram_quantile` does; undefined where nothing was recorded. */
export function quantile(q: number, { buckets }: Histogram): number | undefined {
  const total = buckets.at(-1)?.[1] ?? 0;
  if (total <= 0) return undefined;
  const rank = q * total;
  const at = buckets.findIndex(([, below]) => below >= rank);
  const [edge, below] = buckets[at] as readonly [number, number];
  const [low, belowLow] = at === 0 ? [0, 0] : (buckets[at - 1] as readonly [number, number]);
  // Above the highest edge nothing is known but that.
  if (edge === Infinity) return low;
  return low + ((edge - low) * (rank - belowLow)) / (below - belowLow);
}
