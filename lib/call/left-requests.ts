import { shared } from '../shared-state.js';
import type { TrackedCall } from './tracked-call.js';

/** Requests to a middleware whose client left before the answer was complete. Their handlers may go on for a while. */
const left = /* @__PURE__ */ shared('left-requests', () => new WeakSet<TrackedCall>());

/** The client of a request has left: the request is over, and what its handler still begins is part of it. */
export function leaveRequest(call: TrackedCall): void {
  if (!call.isOver) left.add(call);
  call.left();
}

/** Whether a new call that finds this one around it is still part of it. */
export function takesInCalls(call: TrackedCall): boolean {
  return !call.isOver || left.has(call);
}
