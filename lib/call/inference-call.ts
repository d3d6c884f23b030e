import type { TokenUsage } from '../extraction/token-extractor.js';
import type { AttributeValue } from '../metrics/custom-attributes.js';

/**
 * The call that is running now, as code inside a tracked method sees it through `currentInference()`.
 *
 * Every member may be called at any time, and none throws by itself; once the call has settled, it changes nothing.
 */
export interface InferenceCall {
  /** Names the model; the count of requests in flight moves with it. */
  setModel(model: string): void;
  /** Names the provider; the count of requests in flight moves with it. */
  setProvider(provider: string): void;
  /** Adds custom attributes to all that is recorded of this call; undefined values are left out. */
  setAttributes(attributes: Readonly<Record<string, AttributeValue | undefined>>): void;
  /**
   * States token counts that no extractor can see. They go before what an extractor reads, field by field, and so does a
   * later report before an earlier one. What can be no count is left out.
   */
  reportUsage(usage: TokenUsage): void;
  /** Stops the first-token clock now, for output that no extractor can see. The first report counts; for streams only. */
  firstToken(): void;
  /**
   * Times the model call inside `fn`: it becomes the call's time in the model. What `fn` returns is handed on and timed
   * to its end, a promise or a stream too; overlapping measurements count once. What `fn` throws is thrown on. After the
   * call has settled `fn` runs untimed.
   */
  measureInference<R>(fn: () => R): R;
}
