import type { Attributes } from '@opentelemetry/api';
import { REQUEST_DURATION } from '../metric-names.js';
import type { SettledInference } from '../settled-inference.js';
import { EXTRAS, type Extra, type ServiceLevels, sloRequests } from './extras.js';
import { llamaStack } from './llama-stack.js';
import type { SettledInstrument, Vocabulary } from './vocabulary.js';

/** Which instruments a tracker records. */
export interface InstrumentOptions {
  /** Sets of instruments beside llama_stack's, as `genAi` of `track-inference/gen-ai`. @default none */
  vocabularies?: readonly Vocabulary[] | undefined;
  /** More metrics in the llama_stack namespace: tokens by kind, time per output token, attempts. @default none */
  extras?: readonly Extra[] | undefined;
  /** Counts requests by whether they met these levels, all at once. @default not counted */
  slo?: ServiceLevels | undefined;
  /**
   * Adds `error.type` to failed requests, on the request duration only: a new value on the counter would open a series
   * at 1, which `rate()` never sees. An HTTP status or the name of an error class; at most 200 values. @default false
   */
  errorType?: boolean | undefined;
}

/** The vocabularies that the options ask for: llama_stack's always, with what is added to it. */
export function chosenVocabularies(options: InstrumentOptions): readonly Vocabulary[] {
  const further = (options.vocabularies ?? []).filter((vocabulary) => vocabulary.meter !== llamaStack.meter);
  return [withAdditions(options), ...further];
}

function withAdditions({ extras = [], slo, errorType = false }: InstrumentOptions): Vocabulary {
  if (extras.length === 0 && slo === undefined && !errorType) return llamaStack;
  const settled: SettledInstrument[] = llamaStack.settled.map((instrument) =>
    errorType && instrument.name === REQUEST_DURATION ? { ...instrument, attributes: withErrorType } : instrument,
  );
  for (const extra of new Set(extras)) settled.push(...EXTRAS[extra]);
  if (slo !== undefined) settled.push(sloRequests(slo));
  return { ...llamaStack, settled };
}

function withErrorType({ labels, status, errorType }: SettledInference): Attributes {
  return errorType === undefined ? labels.settledAs(status) : labels.settledWith(status, 'error.type', errorType);
}
