import type { Context } from '@opentelemetry/api';
import type { TokenUsage } from '../extraction/token-extractor.js';
import type { InferenceStatus } from './attributes.js';
import type { LabelSet } from './label-sets.js';

/** Everything that is known of a call when it settles: what a sink records and a vocabulary computes from. */
export interface SettledInference {
  readonly labels: LabelSet;
  readonly status: InferenceStatus;
  /** The OpenTelemetry context of the call's entry, for exemplars. */
  readonly context: Context;
  /** Method entry to settled. */
  readonly requestSeconds: number;
  /** Time spent in the model. */
  readonly inferenceSeconds: number;
  /** Method entry to first output; undefined where nothing was streamed. */
  readonly firstTokenSeconds: number | undefined;
  /** Tokens over request duration; undefined where the tokens are unknown or none. */
  readonly tokensPerSecond: number | undefined;
  readonly usage: TokenUsage | undefined;
  /** What the call failed with, if it did. */
  readonly error: unknown;
}
