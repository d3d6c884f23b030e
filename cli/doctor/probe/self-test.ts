import { setTimeout as sleep } from 'node:timers/promises';
import type { ObservedMetric, ObservedReader } from './observed.js';
import { className, type Reader, SELF_TEST } from './tracking.js';

const METER = 'llama_stack.inference';
/** A reader's own callbacks may hang. */
const PATIENCE_MS = 2_000;
const SUCCESS = { code: 0 };

/** Keeps the self-test's call away from every back end: it is collected here, and exported nowhere. */
export function makeSilent(readers: readonly Reader[]): void {
  for (const { _interval, _exporter } of readers) {
    clearInterval(_interval);
    if (_exporter !== undefined) {
      _exporter.export = (_metrics: unknown, done: (result: typeof SUCCESS) => void) => done(SUCCESS);
    }
  }
}

/** What each reader has of the self-test's call. */
export async function collectSelfTest(readers: readonly Reader[]): Promise<ObservedReader[]> {
  const producers: object[] = [];
  const numberOf = (producer: object) => {
    if (!producers.includes(producer)) producers.push(producer);
    return producers.indexOf(producer);
  };
  const observed: ObservedReader[] = [];
  // One after the other: what a delta producer gives to the first is gone for the second, as in real life.
  for (const reader of readers) {
    const about = {
      className: className(reader),
      ...(reader._exporter && { exporter: className(reader._exporter), ...urlOf(reader._exporter) }),
      ...(reader._exportInterval !== undefined && { intervalMilliseconds: reader._exportInterval }),
      producers: (reader._metricProducers ?? []).map(numberOf),
    };
    try {
      observed.push({ ...about, metrics: await collect(reader) });
    } catch (error) {
      observed.push({ ...about, error: (error as Error).message, metrics: [] });
    }
  }
  return observed;
}

async function collect(reader: Reader): Promise<ObservedMetric[]> {
  const result = await Promise.race([
    reader.collect(),
    sleep(PATIENCE_MS).then(() => Promise.reject(new Error(`nothing was collected within ${PATIENCE_MS} ms`))),
  ]);
  const metrics = result.resourceMetrics.scopeMetrics
    .filter(({ scope }) => scope.name === METER)
    .flatMap((scope) => scope.metrics);
  return metrics.flatMap(({ descriptor, dataPointType, aggregationTemporality, dataPoints }) => {
    // Where a View takes the label away, all there is stands for it.
    const ours = dataPoints.filter(({ attributes }) => attributes['endpoint_type'] === SELF_TEST);
    const [point] = ours.length > 0 ? ours : dataPoints;
    if (point === undefined) return [];
    const { buckets } = point.value as { buckets?: { boundaries?: number[] } };
    return [
      {
        name: descriptor.name,
        kind: (['histogram', 'exponential histogram', 'other', 'sum'] as const)[dataPointType] ?? 'other',
        temporality: aggregationTemporality === 0 ? ('delta' as const) : ('cumulative' as const),
        ...(buckets?.boundaries && { boundaries: buckets.boundaries }),
        attributes: Object.keys(point.attributes),
      },
    ];
  });
}

/** Where an OTLP exporter sends to, as far as its inner parts tell. */
function urlOf(exporter: object): { url?: string } {
  const seen = new Set<object>();
  const queue: object[] = [exporter];
  for (let one = queue.shift(); one !== undefined && seen.size < 50; one = queue.shift()) {
    seen.add(one);
    for (const [key, value] of Object.entries(one)) {
      if (key === 'url' && typeof value === 'string') return { url: value };
      if (typeof value === 'object' && value !== null && !seen.has(value)) queue.push(value as object);
    }
  }
  return {};
}
