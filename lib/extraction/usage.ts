import { mergeFields } from './merge-rules.js';
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

/**
 * The counts and the time of a stated usage that can be recorded, and nothing else of it; undefined where none can.
 *
 * Extractors of others may state anything, and one NaN or Infinity spoils a histogram's sum for the life of the process.
 */
export function soundUsage(stated: TokenUsage | null | undefined): TokenUsage | undefined {
  if (typeof stated !== 'object' || stated === null) return undefined;
  const sound: UsageDraft = {};
  // Written out: a loop over the names takes five times as long, and every response comes through here.
  if (isCount(stated.inputTokens)) sound.inputTokens = stated.inputTokens;
  if (isCount(stated.outputTokens)) sound.outputTokens = stated.outputTokens;
  if (isCount(stated.totalTokens)) sound.totalTokens = stated.totalTokens;
  if (isCount(stated.cachedInputTokens)) sound.cachedInputTokens = stated.cachedInputTokens;
  if (isCount(stated.cacheWriteInputTokens)) sound.cacheWriteInputTokens = stated.cacheWriteInputTokens;
  if (isCount(stated.reasoningTokens)) sound.reasoningTokens = stated.reasoningTokens;
  if (isCount(stated.inferenceSeconds)) sound.inferenceSeconds = stated.inferenceSeconds;
  for (const _ in sound) return sound;
  return undefined;
}

/** Adds the total where both parts are known and the backend stated none. */
export function withTotal(usage: TokenUsage | undefined): TokenUsage | undefined {
  if (usage === undefined || usage.totalTokens !== undefined) return usage;
  const totalTokens = (usage.inputTokens ?? Number.NaN) + (usage.outputTokens ?? Number.NaN);
  return isCount(totalTokens) ? mergeFields(usage, { totalTokens }) : usage;
}

/** Whether any tokens are stated; a backend may state a time alone. */
export function statesTokens(usage: TokenUsage | undefined): usage is TokenUsage {
  return usage !== undefined && COUNTS.some((field) => usage[field] !== undefined);
}
