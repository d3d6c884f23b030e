import { type Finding, ok, problem, warn } from '../finding.js';
import type { Observed, ObservedReader } from '../probe/observed.js';
import { describeReader, feedsPrometheus } from './describe-reader.js';

const IN_FLIGHT = 'concurrent_requests';

/** Whether each reader gets counts in the form that its back end adds up. */
export function checkTemporality({ readers }: Observed): Finding[] {
  return [...sharedDeltaProducer(readers), ...readers.flatMap(checkReader)];
}

function checkReader(reader: ObservedReader): Finding[] {
  if (reader.metrics.length === 0) return [];
  const where = describeReader(reader);
  const deltas = reader.metrics.filter(({ temporality }) => temporality === 'delta');
  if (deltas.length === 0) return [ok(`Counts are cumulative at ${where}`)];
  if (feedsPrometheus(reader)) {
    return [
      problem(
        `Counts are deltas at ${where}: Prometheus takes cumulative ones, and shows nonsense or nothing`,
        'Leave temporality out: OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=cumulative, new InferenceMetricProducer()',
      ),
    ];
  }
  if (deltas.some(({ name }) => name.endsWith(IN_FLIGHT))) {
    return [
      problem(
        `The count of requests in flight is a delta at ${where}: it shows changes, and no level`,
        'Select the preference instead of a function: temporalityPreference: AggregationTemporalityPreference.DELTA keeps it cumulative.',
      ),
    ];
  }
  return [
    warn(
      `Counts are deltas at ${where}: right for Datadog, Dynatrace and the like, wrong for Prometheus, Mimir, VictoriaMetrics`,
      'A failed export is lost for good.',
    ),
  ];
}

function sharedDeltaProducer(readers: readonly ObservedReader[]): Finding[] {
  const delta = readers.filter(({ metrics }) => metrics.some(({ temporality }) => temporality === 'delta'));
  const isShared = delta.some((reader) =>
    reader.producers.some((one) => readers.some((other) => other !== reader && other.producers.includes(one))),
  );
  if (!isShared) return [];
  return [
    problem(
      'Several readers share a delta producer: each gets a part of the counts',
      "new InferenceMetricProducer() without temporality: 'delta', or one producer for each reader's own tracker",
    ),
  ];
}
