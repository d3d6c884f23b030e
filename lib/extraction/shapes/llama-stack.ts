import { fields, first, isObject, isText } from '../payload.js';
import { shape } from '../shape.js';
import { usageTable } from '../usage-table.js';

const findComplete = /* @__PURE__ */ first(
  'event.event_type | stop_reason',
  (value): value is string => isText(value) && value !== 'start' && value !== 'progress',
);

const readCounts = /* @__PURE__ */ usageTable({
  inputTokens: 'prompt_tokens',
  outputTokens: 'completion_tokens',
  totalTokens: 'total_tokens',
});

/** llama-stack's own inference API, which its client had up to version 0.2: counts are a list of named metrics. */
export const llamaStack = /* @__PURE__ */ shape({
  name: 'llama-stack',
  is: (payload) => {
    const { completion_message, event, metrics } = fields<'completion_message' | 'event' | 'metrics'>(payload);
    if (isObject(completion_message ?? fields<'delta'>(event).delta)) return true;
    return Array.isArray(metrics) && isText(fields<'metric'>(metrics[0]).metric);
  },
  usage: (payload) => {
    const { metrics } = fields<'metrics'>(payload);
    if (!Array.isArray(metrics)) return undefined;
    const counts: Record<string, unknown> = {};
    for (const entry of metrics) {
      const { metric, value } = fields<'metric' | 'value'>(entry);
      if (isText(metric)) counts[metric] = value;
    }
    return readCounts(counts);
  },
  output: 'event.delta.text | event.delta.tool_call | event.delta.image | delta',
  finished: (payload) => findComplete(payload) !== undefined,
});
