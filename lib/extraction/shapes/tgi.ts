import { addUp } from '../merge-rules.js';
import { fields, isObject, isText } from '../payload.js';
import { shape } from '../shape.js';
import type { TokenUsage } from '../token-extractor.js';
import { usageTable } from '../usage-table.js';

type Payload = 'generated_text' | 'token' | 'details' | 'error';

const readDetails = /* @__PURE__ */ usageTable({ inputTokens: 'input_length', outputTokens: 'generated_tokens' });

/**
 * Text Generation Inference's and Hugging Face's generate. Details come with the last token, if they were asked for; a
 * whole response may be a list with one generation for each input.
 */
export const tgi = /* @__PURE__ */ shape({
  name: 'tgi.generate',
  is: (payload) => {
    const { generated_text, token } = fields<Payload>(Array.isArray(payload) ? payload[0] : payload);
    return typeof generated_text === 'string' || (isObject(token) && generated_text !== undefined);
  },
  usage: (payload) => {
    let sum: TokenUsage | undefined;
    for (const generation of Array.isArray(payload) ? payload : [payload])
      sum = addUp(sum, generationUsage(generation));
    return sum;
  },
  output: 'token.text | generated_text',
  failed: (payload) => isText(fields<Payload>(payload).error),
  finished: (payload) => isText(fields<Payload>(payload).generated_text),
});

function generationUsage(generation: unknown): TokenUsage | undefined {
  const { details } = fields<Payload>(generation);
  const stated = readDetails(details);
  const { prefill } = fields<'prefill'>(details);
  if (stated !== undefined && Array.isArray(prefill) && prefill.length > 0) stated.inputTokens ??= prefill.length;
  return stated;
}
