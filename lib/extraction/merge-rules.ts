import type { TokenUsage } from './token-extractor.js';
import type { UsageDraft } from './usage.js';

/** Field by field: what is stated later replaces, what is not stated stays. */
export function mergeFields(soFar: TokenUsage | undefined, next: TokenUsage | undefined): TokenUsage {
  // Node 20 takes microseconds to spread an object that was put together field by field.
  return Object.assign({}, soFar, next);
}

/** For parts that are counted one by one: adds them up. */
export function addUp(soFar: TokenUsage | undefined, next: TokenUsage): TokenUsage;
export function addUp(soFar: TokenUsage | undefined, next: TokenUsage | undefined): TokenUsage | undefined;
export function addUp(soFar: TokenUsage | undefined, next: TokenUsage | undefined): TokenUsage | undefined {
  return mergeEach(soFar, next, (a, b) => a + b);
}

/** For counts that grow, where later chunks may leave out or zero what an earlier one stated. */
export function keepLargest(soFar: TokenUsage | undefined, next: TokenUsage): TokenUsage;
export function keepLargest(soFar: TokenUsage | undefined, next: TokenUsage | undefined): TokenUsage | undefined;
export function keepLargest(soFar: TokenUsage | undefined, next: TokenUsage | undefined): TokenUsage | undefined {
  return mergeEach(soFar, next, Math.max);
}

function mergeEach(
  soFar: TokenUsage | undefined,
  next: TokenUsage | undefined,
  merge: (a: number, b: number) => number,
): TokenUsage | undefined {
  if (soFar === undefined || next === undefined) return soFar ?? next;
  const merged: UsageDraft = mergeFields(soFar, next);
  for (const name in soFar) {
    const field = name as keyof TokenUsage;
    const before = soFar[field];
    const now = next[field];
    if (before !== undefined && now !== undefined) merged[field] = merge(before, now);
  }
  return merged;
}
