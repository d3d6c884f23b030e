import { shared } from '../shared-state.js';

/** Requests whose usage chunk nobody but `withUsage` asked for: as the caller made them, and as they were sent. */
const state = /* @__PURE__ */ shared('usage-asked', () => ({ requests: undefined as WeakSet<object> | undefined }));

export function noteAsked(request: object): void {
  state.requests ??= new WeakSet();
  state.requests.add(request);
}

/** Whether the usage chunk that the backend sends for this request comes unexpected to the caller. */
export function isUsageUnexpected(request: unknown): boolean {
  // Undefined until somebody uses it: every call asks.
  return state.requests !== undefined && typeof request === 'object' && request !== null && state.requests.has(request);
}
