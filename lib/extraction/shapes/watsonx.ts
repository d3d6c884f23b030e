import { keepLargest } from '../merge-rules.js';
import { fields, isCount, isText } from '../payload.js';
import { shape } from '../shape.js';
import type { TokenUsage } from '../token-extractor.js';
import { usageTable } from '../usage-table.js';

type Result = 'generated_token_count' | 'stop_reason';

const readUsage = /* @__PURE__ */ usageTable({
  inputTokens: 'input_token_count',
  outputTokens: 'generated_token_count',
});

/** IBM watsonx's text generation. Its first chunk alone states the input, later ones zero; the output is counted up. */
export const watsonx = /* @__PURE__ */ shape({
  name: 'watsonx.generate',
  is: (payload) => isCount(fields<Result>(resultsOf(payload)[0]).generated_token_count),
  usage: (payload) => {
    let largest: TokenUsage | undefined;
    for (const result of resultsOf(payload)) largest = keepLargest(largest, readUsage(result));
    return largest;
  },
  merge: keepLargest,
  output: 'results.*.generated_text',
  failed: (payload) => fields<Result>(resultsOf(payload)[0]).stop_reason === 'error',
  finished: (payload) => {
    const { stop_reason } = fields<Result>(resultsOf(payload)[0]);
    return isText(stop_reason) && stop_reason !== 'not_finished';
  },
  model: 'model_id',
});

function resultsOf(payload: unknown): readonly unknown[] {
  const { results } = fields<'results'>(payload);
  return Array.isArray(results) ? results : [];
}
