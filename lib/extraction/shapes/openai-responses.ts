import { fields, isText, startsWith } from '../payload.js';
import { shape } from '../shape.js';
import { usageTable } from '../usage-table.js';

type Payload = 'object' | 'type' | 'response' | 'usage' | 'status' | 'delta';

/** The usage object of OpenAI's newer APIs: Responses, images, transcriptions, Realtime. */
export const readResponsesUsage = /* @__PURE__ */ usageTable({
  inputTokens: 'input_tokens',
  outputTokens: 'output_tokens',
  totalTokens: 'total_tokens',
  cachedInputTokens: 'input_tokens_details.cached_tokens | input_token_details.cached_tokens',
  cacheWriteInputTokens: 'input_tokens_details.cache_write_tokens',
  reasoningTokens: 'output_tokens_details.reasoning_tokens',
});

/** OpenAI's Responses, whole or as events. Of the events only those that carry the response state its usage. */
export const openaiResponses = /* @__PURE__ */ shape({
  name: 'openai.responses',
  is: (payload) => {
    const { object, type } = fields<Payload>(payload);
    return startsWith(object, 'response') || startsWith(type, 'response.');
  },
  usage: (payload) => {
    const { response, usage } = fields<Payload>(payload);
    return readResponsesUsage(response === undefined ? usage : fields<Payload>(response).usage);
  },
  // Every event with generated output is a delta; `output_item.added` and the like only announce it.
  output: (payload) => {
    const { type, delta } = fields<Payload>(payload);
    return isText(delta) && startsWith(type, 'response.');
  },
  failed: (payload) => {
    const { object, type, status } = fields<Payload>(payload);
    return type === 'error' || type === 'response.failed' || (object === 'response' && status === 'failed');
  },
  finished: (payload) => {
    const { type } = fields<Payload>(payload);
    return type === 'response.completed' || type === 'response.incomplete' || type === 'response.done';
  },
  model: 'model | response.model',
});
