import { type Finding, ok, problem, warn } from '../finding.js';
import type { Observed, ObservedMetric, ObservedReader } from '../probe/observed.js';
import { describeReader, feedsPrometheus } from './describe-reader.js';

/** The SDK's default, shaped for milliseconds. */
const SDK_DEFAULT = '0,5,10,25,50,75,100,250,500,750,1000,2500,5000,7500,10000';
/** Where the durations of inference requests lie. */
const [SHORTEST_SECONDS, LONGEST_SECONDS] = [0.05, 60];
const ENOUGH_EDGES = 6;

/** Whether percentiles read from the histograms can be right. */
export function checkBuckets({ readers, expected }: Observed): Finding[] {
  return readers.flatMap((reader) => {
    const histograms = reader.metrics.filter(({ kind }) => kind.endsWith('histogram'));
    if (histograms.length === 0) return [];
    const advised = new Map(expected.map(({ name, boundaries }) => [name, String(boundaries)]));
    const changed = histograms.filter(({ name, boundaries }) => String(boundaries) !== advised.get(name));
    const where = describeReader(reader);
    if (changed.length === 0) return [ok(`Buckets are the advised ones at ${where}`)];
    return changed.map((metric) => judge(metric, reader, where));
  });
}

function judge({ name, kind, boundaries = [] }: ObservedMetric, reader: ObservedReader, where: string): Finding {
  if (kind === 'exponential histogram') {
    if (!feedsPrometheus(reader)) return ok(`${name} is an exponential histogram at ${where}`);
    return problem(
      `${name} is an exponential histogram at ${where}, which leaves those out`,
      'Take the View away, or give it explicit buckets.',
    );
  }
  if (String(boundaries) === SDK_DEFAULT) {
    return problem(
      `${name} has the SDK's default buckets at ${where}: a p95 of 4.75 s, whatever the truth`,
      'A View, or a reader’s aggregation, of the type EXPLICIT_BUCKET_HISTOGRAM goes over the advice: take it away, or name boundaries in it.',
    );
  }
  const told = `${boundaries.length} bucket edges, ${boundaries[0]} to ${boundaries.at(-1)}`;
  const inRange = boundaries.filter((edge) => edge >= SHORTEST_SECONDS && edge <= LONGEST_SECONDS);
  if (name.endsWith('_seconds') && inRange.length < ENOUGH_EDGES) {
    return warn(
      `${name} has ${told} at ${where}, only ${inRange.length} between ${SHORTEST_SECONDS} s and ${LONGEST_SECONDS} s: percentiles are guesses`,
      'Take the View, or the option buckets, away or give it more edges there.',
    );
  }
  return ok(`${name} has buckets of your own at ${where}: ${told}`);
}
