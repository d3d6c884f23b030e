import { shared } from '../shared-state.js';

/** Requests whose usage chunk nobody but `withUsage` asked for: as the caller made them, and as they were sent. */
const asked = /* @__PURE__ */ shared('usage-asked', () => new WeakSet<object>());

export function noteAsked(request: object): void {
  asked.add(request);
}

/** Whether the usage chunk that the backend sends for this request comes unexpected to the caller. */
export function isUsageUnexpected(request: unknown): boolean {
  return typeof request === 'object' && request !== null && asked.has(request);
}
