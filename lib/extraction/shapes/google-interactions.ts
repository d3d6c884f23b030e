import { fields, first, isObject, isText } from '../payload.js';
import { shape } from '../shape.js';
import { usageTable } from '../usage-table.js';

type Payload = 'object' | 'event_type' | 'interaction' | 'status';

const readUsage = /* @__PURE__ */ usageTable({
  inputTokens: 'total_input_tokens + total_tool_use_tokens',
  outputTokens: 'total_output_tokens + total_thought_tokens',
  totalTokens: 'total_tokens',
  cachedInputTokens: 'total_cached_tokens',
  reasoningTokens: 'total_thought_tokens',
});
const findUsage = /* @__PURE__ */ first('usage | interaction.usage | metadata.total_usage', isObject);

/** Gemini's interactions, whole or as events. */
export const googleInteractions = /* @__PURE__ */ shape({
  name: 'google.interactions',
  is: (payload) => {
    const { object, event_type } = fields<Payload>(payload);
    return object === 'interaction' || (isText(event_type) && /^(interaction|content|step)\./.test(event_type));
  },
  usage: (payload) => readUsage(findUsage(payload)),
  // A thought's signature is no output.
  output: 'delta.text | delta.content.text | delta.arguments | delta.name | delta.data | step.name',
  failed: (payload) => {
    const { event_type, interaction, status } = fields<Payload>(payload);
    return event_type === 'error' || (status ?? fields<Payload>(interaction).status) === 'failed';
  },
  finished: (payload) => {
    const { event_type } = fields<Payload>(payload);
    return event_type === 'interaction.completed' || event_type === 'interaction.complete';
  },
  model: 'model | interaction.model',
});
