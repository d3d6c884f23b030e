import type { InferenceCall } from './call/inference-call.js';
import { runningCall } from './call/running-call.js';

/**
 * The call that is running now: anywhere in a tracked method, after an `await` and in callbacks too. Undefined
 * elsewhere, so use it with `?.`.
 *
 * After an `await` it needs the tracker's `asyncContext`, which is on by default.
 */
export function currentInference(): InferenceCall | undefined {
  return runningCall();
}
