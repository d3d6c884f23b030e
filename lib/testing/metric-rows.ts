import type { Attributes } from '@opentelemetry/api';
import { DataPointType, type MetricData, type ResourceMetrics } from '@opentelemetry/sdk-metrics';

/** One series of one instrument, as plain data for a test's `toEqual`: with a `value`, or with a histogram's figures. */
export interface MetricRow {
  /** The instrument's, in full. */
  readonly name: string;
  /** A copy, for the test to keep. */
  readonly attributes: Attributes;
  /** Of a counter, or of the count of requests in flight. */
  readonly value?: number;
  /** Of a histogram: how many records. */
  readonly count?: number;
  /** Of a histogram, in the instrument's unit. */
  readonly sum?: number;
  /** The least record of a histogram, in the instrument's unit. */
  readonly min?: number;
  /** The greatest record of a histogram, in the instrument's unit. */
  readonly max?: number;
}

/** Flattens what a reader collected, in the order in which instruments were made and series first recorded. */
export function metricRows(collected: ResourceMetrics): MetricRow[] {
  return collected.scopeMetrics.flatMap(({ metrics }) => metrics.flatMap(rowsOf));
}

function rowsOf(metric: MetricData): MetricRow[] {
  const { name } = metric.descriptor;
  switch (metric.dataPointType) {
    case DataPointType.SUM:
    case DataPointType.GAUGE:
      return metric.dataPoints.map(({ attributes, value }) => ({ name, attributes: { ...attributes }, value }));
    case DataPointType.HISTOGRAM:
    case DataPointType.EXPONENTIAL_HISTOGRAM:
      return metric.dataPoints.map(({ attributes, value: { count, sum = 0, min = 0, max = 0 } }) => {
        return { name, attributes: { ...attributes }, count, sum, min, max };
      });
  }
}
