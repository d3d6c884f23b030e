import { type Finding, ok, problem, warn } from '../finding.js';
import type { Observed, ObservedReader } from '../probe/observed.js';
import { describeReader } from './describe-reader.js';

const LABELS = ['model', 'provider', 'endpoint_type', 'stream'];

/** Whether what one call records arrives at every reader, whole. */
export function checkArrival({ readers, expected }: Observed): Finding[] {
  return readers.flatMap((reader) => {
    const names = expected.map(({ name }) => name);
    const where = describeReader(reader);
    if (reader.error !== undefined) return [problem(`${where} collects nothing: ${reader.error}`)];
    const missing = names.filter((name) => !reader.metrics.some((metric) => metric.name === name));
    if (missing.length === names.length) return [nothing(reader, where)];
    const findings = missing.length > 0 ? [incomplete(missing, names, reader, where)] : [];
    const lost = LABELS.filter((label) => reader.metrics.some(({ attributes }) => !attributes.includes(label)));
    if (lost.length > 0) findings.push(warn(`A View takes the label ${lost.join(', ')} away before ${where}`));
    if (findings.length > 0) return findings;
    return [ok(`A call made here arrived, as ${names.length} metrics, at ${where}; nothing was exported`)];
  });
}

function nothing(reader: ObservedReader, where: string): Finding {
  if (reader.metrics.length > 0) {
    return problem(`A View renames every metric before ${where}: ${reader.metrics.map(({ name }) => name).join(', ')}`);
  }
  return problem(
    `A call made here did not arrive at ${where}`,
    'A View with the aggregation DROP keeps metrics away; so does a delta producer that another reader has emptied.',
    'An InferenceMetricProducer arrives only at readers that have it in metricProducers.',
  );
}

function incomplete(
  missing: readonly string[],
  names: readonly string[],
  reader: ObservedReader,
  where: string,
): Finding {
  const others = reader.metrics.map(({ name }) => name).filter((name) => !names.includes(name));
  return warn(
    `${missing.join(', ')} did not arrive at ${where}`,
    others.length > 0
      ? `A View renames: ${others.join(', ')} came instead.`
      : 'A View with the aggregation DROP keeps it away.',
  );
}
