import { fields } from '../payload.js';
import { shape } from '../shape.js';
import { readChatUsage } from './openai-chat.js';

/** Embeddings of OpenAI and compatible servers, and the reranking of some of them. */
export const openaiEmbeddings = /* @__PURE__ */ shape({
  name: 'openai.embeddings',
  is: (payload) => {
    const { object, data, usage } = fields<'object' | 'data' | 'usage'>(payload);
    if (object !== 'list' && object !== 'rerank') return false;
    return (Array.isArray(data) && 'embedding' in Object(data[0])) || readChatUsage(usage) !== undefined;
  },
  // There is an input alone. Voyage states the total, and so the input stays unknown.
  usage: (payload) => {
    const stated = readChatUsage(fields<'usage'>(payload).usage);
    if (stated?.inputTokens !== undefined) stated.totalTokens ??= stated.inputTokens;
    return stated;
  },
  model: 'model',
});
