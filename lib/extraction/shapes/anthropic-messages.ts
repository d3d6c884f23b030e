import { mergeFields } from '../merge-rules.js';
import { at, fields, isText, startsWith, text } from '../payload.js';
import type { TokenExtractor, TokenUsage } from '../token-extractor.js';
import { usageTable } from '../usage-table.js';

type Payload = 'type' | 'role' | 'model' | 'message' | 'usage' | 'delta' | 'content_block';

const readUsage = /* @__PURE__ */ usageTable({
  inputTokens: 'input_tokens',
  outputTokens: 'output_tokens',
  cachedInputTokens: 'cache_read_input_tokens',
  cacheWriteInputTokens: 'cache_creation_input_tokens',
  reasoningTokens: 'output_tokens_details.thinking_tokens',
});

/**
 * Anthropic's Messages, whole or as events. `input_tokens` leaves cached tokens out; the counts of `message_delta` are
 * cumulative, so each field that it states replaces the one of `message_start`.
 */
export const anthropicMessages: TokenExtractor = {
  name: 'anthropic.messages',
  recognizes: (payload): payload is object => {
    const { type, role } = fields<Payload>(payload);
    return type === 'message'
      ? role === 'assistant'
      : startsWith(type, 'message_') || startsWith(type, 'content_block_');
  },
  usage: (payload) => {
    const { message, usage } = fields<Payload>(payload);
    return withCache(readUsage(message === undefined ? usage : fields<Payload>(message).usage));
  },
  merge: (soFar, next) => withCache(mergeFields(withCache(soFar, -1), withCache(next, -1))),
  hasOutput: (payload) => {
    const { type, delta, content_block } = fields<Payload>(payload);
    if (type === 'content_block_delta') {
      const { text: said, thinking, partial_json } = fields<'text' | 'thinking' | 'partial_json'>(delta);
      return isText(said) || isText(thinking) || isText(partial_json);
    }
    return type === 'content_block_start' && beginsWithOutput(content_block);
  },
  failed: (payload) => fields<Payload>(payload).type === 'error',
  finished: (payload) => {
    const { type, delta } = fields<Payload>(payload);
    return type === 'message_stop' || (type === 'message_delta' && isText(fields<'stop_reason'>(delta).stop_reason));
  },
  model: (payload) => text(fields<Payload>(payload).model) ?? text(at(payload, 'message.model')),
};

/** A tool call begins with its name, text and thinking begin empty. A signature is no output. */
function beginsWithOutput(block: unknown): boolean {
  const { type, name, text: said, thinking } = fields<'type' | 'name' | 'text' | 'thinking'>(block);
  return type === 'redacted_thinking' || isText(name) || isText(said) || isText(thinking);
}

/** Adds the cached tokens to an input that was stated without them, or with -1 takes them out again. */
export function withCache(usage: TokenUsage, sign?: 1 | -1): TokenUsage;
export function withCache(usage: TokenUsage | undefined, sign?: 1 | -1): TokenUsage | undefined;
export function withCache(usage: TokenUsage | undefined, sign: 1 | -1 = 1): TokenUsage | undefined {
  if (usage?.inputTokens === undefined) return usage;
  const cache = (usage.cachedInputTokens ?? 0) + (usage.cacheWriteInputTokens ?? 0);
  return { ...usage, inputTokens: usage.inputTokens + sign * cache };
}
