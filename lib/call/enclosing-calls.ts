import type { TrackerRuntime } from '../tracker-runtime.js';
import { takesInCalls } from './left-requests.js';
import type { TrackedCall } from './tracked-call.js';

/** The innermost of a call and those around it that takes in new calls; what has settled otherwise is let go. */
export function unsettled(call: TrackedCall | undefined): TrackedCall | undefined {
  let candidate = call;
  while (candidate !== undefined && !takesInCalls(candidate)) candidate = candidate.enclosing;
  return candidate;
}

/** The innermost of them that is of this tracker, too: what a new call is part of. */
export function joinable(call: TrackedCall | undefined, runtime: TrackerRuntime): TrackedCall | undefined {
  let candidate = call;
  while (candidate !== undefined && (candidate.runtime !== runtime || !takesInCalls(candidate)))
    candidate = candidate.enclosing;
  return candidate;
}

/** Whether `call` is `outer` or lies within it. */
export function isWithin(call: TrackedCall, outer: TrackedCall): boolean {
  let candidate: TrackedCall | undefined = call;
  while (candidate !== undefined && candidate !== outer) candidate = candidate.enclosing;
  return candidate === outer;
}
