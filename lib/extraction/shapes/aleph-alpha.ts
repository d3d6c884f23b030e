import { shape } from '../shape.js';
import { usageTable } from '../usage-table.js';

const readUsage = /* @__PURE__ */ usageTable({
  inputTokens: 'num_tokens_prompt_total',
  outputTokens: 'num_tokens_generated',
});

/** Aleph Alpha's completions. */
export const alephAlpha = /* @__PURE__ */ shape({
  name: 'alephalpha.complete',
  is: (payload) => 'num_tokens_generated' in payload,
  usage: readUsage,
  model: 'model_version',
});
