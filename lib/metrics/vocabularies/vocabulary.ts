import type { Attributes } from '@opentelemetry/api';
import type { LabelSet } from '../label-sets.js';
import type { SettledInference } from '../settled-inference.js';

/** What OpenTelemetry needs to know to make an instrument. */
export interface InstrumentDefinition {
  /** As in `llama_stack.inference.requests_total`. */
  readonly name: string;
  /** Which of OpenTelemetry's instruments it is. */
  readonly kind: 'counter' | 'upDownCounter' | 'histogram';
  /** In UCUM, as in `s` or `{request}`; `''` for none. */
  readonly unit: string;
  /** What the back end shows for it. */
  readonly description: string;
  /** Bucket advice of a histogram, in the instrument's unit. */
  readonly boundaries?: readonly number[];
}

/** An instrument that is recorded once, when a call settles. */
export interface SettledInstrument extends InstrumentDefinition {
  /** Adds, or records. */
  readonly kind: 'counter' | 'histogram';
  /** What this call adds or records; undefined records nothing. */
  value?(call: SettledInference): number | undefined;
  /** The attributes of `value`. Must give the same object for the same labels. Default: the labels and the status. */
  attributes?(call: SettledInference): Attributes;
  /** Instead of `value`: records any number of values. Must give the same attribute objects for the same labels. */
  each?(call: SettledInference, record: (value: number, attributes: Attributes) => void): void;
  /**
   * The attributes of a series that is created at 0 when labels settle for the first time: without it Prometheus, which
   * needs two samples for a rate, never sees the first error.
   */
  zeroSeries?(call: SettledInference): Attributes;
}

/** An instrument that is recorded for each chunk of a stream after the first one: seconds since the one before. */
export interface ChunkInstrument extends InstrumentDefinition {
  /** Records. */
  readonly kind: 'histogram';
  /** Must give the same object for the same labels. */
  attributes(labels: LabelSet): Attributes;
}

/** A set of instruments over the same observation of calls, as data. */
export interface Vocabulary {
  /** The name of the meter that its instruments belong to. */
  readonly meter: string;
  /** Counts the calls in flight. */
  readonly inFlight?: InstrumentDefinition & { readonly kind: 'upDownCounter' };
  /** What is recorded of each call when it settles. */
  readonly settled: readonly SettledInstrument[];
  /** Costs a clock reading and a record a chunk. */
  readonly chunk?: ChunkInstrument;
  /** Whether `firstChunkSeconds` is to be measured, for one more clock reading a stream. */
  readonly needsFirstChunk?: boolean;
}
