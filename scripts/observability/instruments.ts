import { llamaStack } from '../../lib/metrics/vocabularies/llama-stack.js';
import type { InstrumentDefinition } from '../../lib/metrics/vocabularies/vocabulary.js';

/** The one table from which dashboard, rules and documentation are generated. */
export const INSTRUMENTS: readonly InstrumentDefinition[] = [llamaStack.inFlight, ...llamaStack.settled];

/** The names under which a counter or an up-down counter is queried. */
export interface Series {
  readonly name: string;
}

export interface HistogramSeries extends Series {
  readonly bucket: string;
  readonly sum: string;
  readonly count: string;
  readonly boundaries: readonly number[];
}

/** What every route of ours makes of an OpenTelemetry name: no unit is appended, since the names end in theirs. */
export function prometheusName(openTelemetryName: string): string {
  return openTelemetryName.replace(/[^a-zA-Z0-9_:]/g, '_');
}

/** Looks a number up in the table; throws where the table has it no more, so that no query outlives its metric. */
export function sumSeries(openTelemetryName: string): Series {
  const definition = find(openTelemetryName);
  if (definition.kind === 'histogram') throw new Error(`${openTelemetryName} is a histogram.`);
  return { name: prometheusName(definition.name) };
}

export function histogramSeries(openTelemetryName: string): HistogramSeries {
  const { name, kind, boundaries } = find(openTelemetryName);
  if (kind !== 'histogram' || !boundaries) throw new Error(`${openTelemetryName} is no histogram with bucket advice.`);
  const base = prometheusName(name);
  return { name: base, bucket: `${base}_bucket`, sum: `${base}_sum`, count: `${base}_count`, boundaries };
}

function find(openTelemetryName: string): InstrumentDefinition {
  const definition = INSTRUMENTS.find(({ name }) => name === openTelemetryName);
  if (definition === undefined) throw new Error(`No instrument is called ${openTelemetryName}.`);
  return definition;
}
