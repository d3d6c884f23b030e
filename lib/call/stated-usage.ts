import type { TokenUsage } from '../extraction/token-extractor.js';
import { soundUsage } from '../extraction/usage.js';

/** Adds what users' code states to what was known before: field by field, and only numbers that can be recorded. */
export function addStated(known: TokenUsage | undefined, stated: unknown): TokenUsage | undefined {
  const next = soundUsage(stated as TokenUsage);
  if (next === undefined || known === undefined) return next ?? known;
  const { totalTokens, ...parts } = known;
  const changesParts = next.inputTokens !== undefined || next.outputTokens !== undefined;
  // A total belongs to the parts it was stated with.
  return changesParts || totalTokens === undefined ? { ...parts, ...next } : { ...parts, totalTokens, ...next };
}
