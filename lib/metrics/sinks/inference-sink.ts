import type { Attributes, Context } from '@opentelemetry/api';
import type { BucketOverrides } from '../bucket-options.js';
import type { LabelSet } from '../label-sets.js';
import type { SettledInference } from '../settled-inference.js';
import type { Vocabulary } from '../vocabularies/vocabulary.js';

/**
 * What took a call's +1; the sink gets it back with the −1, so that both meet on the same instrument whatever
 * happened to the MeterProvider in between. `undefined`: nobody is listening.
 */
export type InFlightTicket = object | undefined;

/** An instrument to record on by hand. */
export interface ManualInstrument {
  /** Of a counter; negative values on an up-down counter alone. */
  add?(value: number, attributes?: Attributes, context?: Context): void;
  /** Of a histogram, in its unit. */
  record?(value: number, attributes?: Attributes, context?: Context): void;
}

/** Where measurements go. Every record of every call passes through these events; what one throws is reported to `diag`, once per cause. */
export interface InferenceSink {
  /**
   * The instruments that a tracker wants recorded. Comes once from each tracker that the sink is given to, before its
   * first call; what an earlier one asked for by the same name stays.
   */
  prepare(vocabularies: readonly Vocabulary[], buckets: BucketOverrides): void;
  /** A call began. */
  entered(labels: LabelSet, context: Context): InFlightTicket;
  /** A call in flight turned out to have other labels. */
  moved(ticket: InFlightTicket, from: LabelSet, to: LabelSet, context: Context): void;
  /** A call ended; this or `withdrawn` comes once for each `entered`. */
  settled(ticket: InFlightTicket, call: SettledInference): void;
  /** A call turned out to be no request of its own; comes in the place of `settled`, and nothing is recorded. */
  withdrawn(ticket: InFlightTicket, labels: LabelSet, context: Context): void;
  /** A chunk of a stream passed, so many seconds after the one before it; told only where a vocabulary has `chunk`. */
  chunkPassed?(ticket: InFlightTicket, labels: LabelSet, seconds: number, context: Context): void;
  /** Whether what happens now is recorded; a sink without it always records. */
  isListening?(): boolean;
  /** The instrument of that name as it is now, for recordings made by hand; undefined while nobody is listening. */
  instrument(name: string): ManualInstrument | undefined;
}
