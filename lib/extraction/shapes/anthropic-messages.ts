import { mergeFields } from '../merge-rules.js';
import { fields, generatedAt, isErrorEvent, isText, startsWith } from '../payload.js';
import { shape } from '../shape.js';
import type { TokenUsage } from '../token-extractor.js';
import { usageTable } from '../usage-table.js';

type Payload = 'type' | 'role' | 'message' | 'usage' | 'delta' | 'content_block';

const readUsage = /* @__PURE__ */ usageTable({
  inputTokens: 'input_tokens',
  outputTokens: 'output_tokens',
  cachedInputTokens: 'cache_read_input_tokens',
  cacheWriteInputTokens: 'cache_creation_input_tokens',
  reasoningTokens: 'output_tokens_details.thinking_tokens',
});

// A tool call begins with its name, text and thinking begin empty. A signature is no output.
const isOutput = /* @__PURE__ */ generatedAt(
  'delta.text | delta.thinking | delta.partial_json | content_block.name | content_block.text | content_block.thinking | content_block.data',
);

/**
 * Anthropic's Messages, whole or as events. `input_tokens` leaves cached tokens out; the counts of `message_delta` are
 * cumulative, so each field that it states replaces the one of `message_start`.
 */
export const anthropicMessages = /* @__PURE__ */ shape({
  name: 'anthropic.messages',
  is: (payload) => {
    const { type, role } = fields<Payload>(payload);
    return type === 'message'
      ? role === 'assistant'
      : startsWith(type, 'message_') || startsWith(type, 'content_block_');
  },
  usage: (payload) => {
    const { message, usage } = fields<Payload>(payload);
    return withCache(readUsage(message === undefined ? usage : fields<Payload>(message).usage));
  },
  merge: mergeBesideCache,
  output: (payload) => startsWith(fields<Payload>(payload).type, 'content_block_') && isOutput(payload),
  failed: isErrorEvent,
  finished: (payload) => {
    const { type, delta } = fields<Payload>(payload);
    return type === 'message_stop' || (type === 'message_delta' && isText(fields<'stop_reason'>(delta).stop_reason));
  },
  model: 'model | message.model',
});

/** Merges field by field where the input has been stated without what was cached. */
export function mergeBesideCache(soFar: TokenUsage | undefined, next: TokenUsage): TokenUsage {
  return withCache(mergeFields(withCache(soFar, -1), withCache(next, -1)));
}

/** Adds the cached tokens to an input that was stated without them, or with -1 takes them out again. */
export function withCache(usage: TokenUsage, sign?: 1 | -1): TokenUsage;
export function withCache(usage: TokenUsage | undefined, sign?: 1 | -1): TokenUsage | undefined;
export function withCache(usage: TokenUsage | undefined, sign: 1 | -1 = 1): TokenUsage | undefined {
  if (usage?.inputTokens === undefined) return usage;
  const cache = (usage.cachedInputTokens ?? 0) + (usage.cacheWriteInputTokens ?? 0);
  return cache === 0 ? usage : mergeFields(usage, { inputTokens: usage.inputTokens + sign * cache });
}
