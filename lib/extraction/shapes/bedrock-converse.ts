import { mergeFields } from '../merge-rules.js';
import { fields, isObject } from '../payload.js';
import { shape } from '../shape.js';
import type { TokenUsage } from '../token-extractor.js';
import { usageTable } from '../usage-table.js';
import { withCache } from './anthropic-messages.js';

type Payload = 'output' | 'usage' | 'metrics' | 'metadata' | 'messageStop' | 'contentBlockDelta';

const readUsage = /* @__PURE__ */ usageTable({
  inputTokens: 'inputTokens',
  outputTokens: 'outputTokens',
  totalTokens: 'totalTokens',
  cachedInputTokens: 'cacheReadInputTokens | cacheReadInputTokenCount',
  cacheWriteInputTokens: 'cacheWriteInputTokens | cacheWriteInputTokenCount',
});
const readTime = /* @__PURE__ */ usageTable({ inferenceSeconds: 'latencyMs ms' });

/** Amazon Bedrock's Converse and ConverseStream. `inputTokens` leaves cached tokens out, the total has all of them. */
export const bedrockConverse = /* @__PURE__ */ shape({
  name: 'bedrock.converse',
  is: (payload) =>
    'messageStart' in payload ||
    'contentBlockDelta' in payload ||
    'contentBlockStart' in payload ||
    'messageStop' in payload ||
    isObject(fields<'message'>(fields<Payload>(payload).output).message) ||
    isObject(fields<Payload>(fields<Payload>(payload).metadata).usage),
  usage: converseUsage,
  output:
    'contentBlockDelta.delta.text | contentBlockDelta.delta.toolUse.input | ' +
    'contentBlockDelta.delta.reasoningContent.text | contentBlockStart.start.toolUse',
  failed: hasException,
  finished: (payload) => isObject(fields<Payload>(payload).messageStop),
});

function converseUsage(payload: unknown): TokenUsage | undefined {
  const { contentBlockDelta, metadata } = fields<Payload>(payload);
  if (contentBlockDelta !== undefined) return undefined;
  const { usage, metrics } = fields<Payload>(metadata ?? payload);
  const stated = readUsage(usage);
  const time = readTime(metrics);
  // Converse always states the input; without it the usage was cut short.
  return stated?.inputTokens === undefined ? time : mergeFields(withCache(stated), time);
}

/** Failures come as an item under the exception's name. */
export function hasException(payload: unknown): boolean {
  if (!isObject(payload)) return false;
  for (const key in payload) {
    if (key.endsWith('Exception')) return true;
  }
  return false;
}
