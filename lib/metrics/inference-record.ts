import type { TokenUsage } from '../extraction/token-extractor.js';
import type { MetricAttributes } from './attributes.js';
import type { SettledInference } from './settled-inference.js';

/** One settled call, for billing and logs: what `onSettled` gets. Frozen through and through, but for the error. */
export interface InferenceRecord {
  /** As on the metrics, the status among them. */
  readonly attributes: Readonly<MetricAttributes>;
  /** As the backend measured it, cached and reasoning tokens apart; undefined where it states none. */
  readonly usage: TokenUsage | undefined;
  /** In seconds, by the tracker's monotonic clock. */
  readonly durations: {
    /** Method entry to settled. */
    readonly requestSeconds: number;
    /** Time in the model. */
    readonly inferenceSeconds: number;
    /** Method entry to first output; streams only. */
    readonly timeToFirstTokenSeconds: number | undefined;
  };
  /** The model that the response names, bounded as labels are; it may be another than the requested one. */
  readonly responseModel: string | undefined;
  /**
   * What the call threw, rejected or was aborted with: the very same object. Undefined where the failure came as an item
   * of a good response; `attributes.status` says whether the call failed.
   */
  readonly error: unknown;
}

export function inferenceRecord(call: SettledInference): InferenceRecord {
  return Object.freeze({
    attributes: call.labels.settledAs(call.status),
    usage: call.usage && Object.freeze({ ...call.usage }),
    durations: Object.freeze({
      requestSeconds: call.requestSeconds,
      inferenceSeconds: call.inferenceSeconds,
      timeToFirstTokenSeconds: call.firstTokenSeconds,
    }),
    responseModel: call.responseModel,
    error: call.error,
  });
}
