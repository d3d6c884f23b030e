import type { Attributes } from '@opentelemetry/api';
import { warnOnce } from '../diagnostics.js';
import type { ManualInstrument } from '../metrics/sinks/inference-sink.js';
import type { InstrumentDefinition } from '../metrics/vocabularies/vocabulary.js';
import { AttributeRows, attributeKey } from './attribute-rows.js';
import type { SeriesTable } from './series-table.js';

/** As in the SDK, whose limit is 2,000 with the overflow. Tracked calls are bounded by their tracker's label limits. */
const LIMIT = 1999;
const OVERFLOW = Object.freeze({ 'otel.metric.overflow': true });

/** Makes the instrument that records by hand into a table; attributes past the limit share one overflow series. */
export function manualInstrument({ name, kind }: InstrumentDefinition, table: SeriesTable<unknown>): ManualInstrument {
  const least = kind === 'upDownCounter' ? -Infinity : 0;
  const use = (value: number, attributes: Attributes = {}): void => {
    if (!Number.isFinite(value) || value < least) {
      warnOnce(name, `dropped the value ${String(value)}`);
      return;
    }
    const admitted = table.size < LIMIT || table.has(attributeKey(attributes)) ? { ...attributes } : OVERFLOW;
    table.record(new AttributeRows(Object.freeze(admitted)), value);
  };
  return kind === 'histogram' ? { record: use } : { add: use };
}
