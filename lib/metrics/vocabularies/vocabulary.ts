import type { Attributes } from '@opentelemetry/api';
import type { SettledInference } from '../settled-inference.js';

/** What OpenTelemetry needs to know to make an instrument. */
export interface InstrumentDefinition {
  readonly name: string;
  readonly kind: 'counter' | 'upDownCounter' | 'histogram';
  readonly unit: string;
  readonly description: string;
  /** Bucket advice of a histogram, in the instrument's unit. */
  readonly boundaries?: readonly number[];
}

/** An instrument that is recorded once, when a call settles. */
export interface SettledInstrument extends InstrumentDefinition {
  readonly kind: 'counter' | 'histogram';
  /** What this call adds or records; undefined records nothing. */
  value(call: SettledInference): number | undefined;
  /** The attributes of the record. Must give the same object for the same labels. Default: the labels and the status. */
  attributes?(call: SettledInference): Attributes;
  /**
   * The attributes of a series that is created at 0 when labels settle for the first time: without it Prometheus, which
   * needs two samples for a rate, never sees the first error.
   */
  zeroSeries?(call: SettledInference): Attributes;
}

/** A set of instruments over the same observation of calls, as data. */
export interface Vocabulary {
  /** The name of the meter that its instruments belong to. */
  readonly meter: string;
  /** Counts the calls in flight. */
  readonly inFlight?: InstrumentDefinition & { readonly kind: 'upDownCounter' };
  readonly settled: readonly SettledInstrument[];
}
