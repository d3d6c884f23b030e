import type { Attributes, Context } from '@opentelemetry/api';
import type { TokenUsage } from '../extraction/token-extractor.js';
import type { InferenceStatus } from './attributes.js';
import type { LabelSet } from './label-sets.js';

/** Everything that is known of a call when it settles: what a sink records and a vocabulary computes from. */
export interface SettledInference {
  /** Model, provider, endpoint type, stream and custom attributes. */
  readonly labels: LabelSet;
  /** How the call ended. */
  readonly status: InferenceStatus;
  /** The OpenTelemetry context of the call's entry, for exemplars. */
  readonly context: Context;
  /** Method entry to settled, in seconds. */
  readonly requestSeconds: number;
  /** Time spent in the model, in seconds. */
  readonly inferenceSeconds: number;
  /** Method entry to first output, in seconds; undefined where nothing was streamed. */
  readonly firstTokenSeconds: number | undefined;
  /** Tokens over request duration in seconds; undefined where the tokens are unknown or none. */
  readonly tokensPerSecond: number | undefined;
  /** As the backend measured it; undefined where it states none. */
  readonly usage: TokenUsage | undefined;
  /** What the call failed or was aborted with; undefined where a failure came as an item of a good response. */
  readonly error: unknown;
  /** A bounded name for that: an HTTP status, a class, or `_OTHER`; undefined unless the status is `error`. */
  readonly errorType: string | undefined;
  /** The model that the response names, bounded as labels are. */
  readonly responseModel: string | undefined;
  /** Method entry to the first chunk of any kind, in seconds; measured only where a vocabulary asks for it. */
  readonly firstChunkSeconds: number | undefined;
  /** How often nested calls were made under which attributes; undefined where there were none, or nobody asks. */
  readonly attempts: ReadonlyMap<Attributes, number> | undefined;
}
