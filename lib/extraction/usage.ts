import { isCount } from './payload.js';
import type { TokenUsage } from './token-extractor.js';

/** Token usage while it is put together. */
export type UsageDraft = { -readonly [field in keyof TokenUsage]: number };

const COUNTS = [
  'inputTokens',
  'outputTokens',
  'totalTokens',
  'cachedInputTokens',
  'cacheWriteInputTokens',
  'reasoningTokens',
] as const satisfies readonly (keyof TokenUsage)[];

const FIELDS = [...COUNTS, 'inferenceSeconds'] as const satisfies readonly (keyof TokenUsage)[];

/**
 * The counts and the time of a stated usage that can be recorded, and nothing else of it; undefined where none can.
 *
 * Extractors of others may state anything, and one NaN or Infinity spoils a histogram's sum for the life of the process.
 */
export function soundUsage(stated: TokenUsage | null | undefined): TokenUsage | undefined {
  if (typeof stated !== 'object' || stated === null) return undefined;
  let sound: UsageDraft | undefined;
  for (const field of FIELDS) {
    const value = stated[field];
    if (!isCount(value)) continue;
    sound ??= {};
    sound[field] = value;
  }
  return sound;
}

/** Adds the total where both parts are known and the backend stated none. */
export function withTotal(usage: TokenUsage | undefined): TokenUsage | undefined {
  if (usage === undefined || usage.totalTokens !== undefined) return usage;
  const totalTokens = (usage.inputTokens ?? Number.NaN) + (usage.outputTokens ?? Number.NaN);
  return isCount(totalTokens) ? { ...usage, totalTokens } : usage;
}

/** Whether any tokens are stated; a backend may state a time alone. */
export function statesTokens(usage: TokenUsage | undefined): usage is TokenUsage {
  return usage !== undefined && COUNTS.some((field) => usage[field] !== undefined);
}
