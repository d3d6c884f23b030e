/**
 * State that all copies of this package in one process share.
 *
 * An application can load the ESM and the CommonJS build side by side (one through a dependency). Counting a request
 * once, bounding labels and finding the running call need one state between them, so it lives on `globalThis`.
 */
export function shared<T>(name: string, create: () => T): T {
  const key = Symbol.for(`track-inference.${name}.v1`);
  const global = globalThis as unknown as Record<symbol, T | undefined>;
  const existing = global[key];
  if (existing !== undefined) return existing;
  const created = create();
  Object.defineProperty(globalThis, key, { value: created, configurable: true, writable: true });
  return created;
}
