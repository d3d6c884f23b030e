import { at, fields, text } from '../payload.js';
import type { TokenExtractor } from '../token-extractor.js';
import { usageTable } from '../usage-table.js';

// Embeddings only have an input. Voyage states the total alone, so the input stays unknown there.
const readUsage = /* @__PURE__ */ usageTable(
  {
    inputTokens: 'prompt_tokens | promptTokens',
    outputTokens: 'completion_tokens | completionTokens',
    totalTokens: 'total_tokens | totalTokens',
  },
  'zero',
);

/** Embeddings of OpenAI and compatible servers. */
export const openaiEmbeddings: TokenExtractor = {
  name: 'openai.embeddings',
  recognizes: (payload): payload is object => {
    const { object, data, usage } = fields<'object' | 'data' | 'usage'>(payload);
    return object === 'list' && (at(data, '0.embedding') !== undefined || readUsage(usage) !== undefined);
  },
  usage: (payload) => readUsage(fields<'usage'>(payload).usage),
  model: (payload) => text(fields<'model'>(payload).model),
};
