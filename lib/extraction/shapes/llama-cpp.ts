import { fields } from '../payload.js';
import { shape } from '../shape.js';
import { usageTable } from '../usage-table.js';

type Payload = 'content' | 'stop' | 'tokens_predicted';

/** llama.cpp's native completion. Its chunks count as they go. */
export const llamaCpp = /* @__PURE__ */ shape({
  name: 'llamacpp.completion',
  is: (payload) => {
    const { content, stop, tokens_predicted } = fields<Payload>(payload);
    return typeof content === 'string' && (typeof stop === 'boolean' || tokens_predicted !== undefined);
  },
  usage: /* @__PURE__ */ usageTable({
    inputTokens: 'tokens_evaluated',
    outputTokens: 'tokens_predicted',
    cachedInputTokens: 'timings.cache_n',
    inferenceSeconds: 'timings.prompt_ms + timings.predicted_ms ms',
  }),
  output: 'content',
  finished: (payload) => fields<Payload>(payload).stop === true,
  model: 'model',
});
