import { fields, isCount, isText } from '../payload.js';
import { shape } from '../shape.js';
import { usageTable } from '../usage-table.js';

type Payload = 'created_at' | 'done' | 'error' | 'embeddings' | 'total_duration' | 'load_duration';

// A prompt that Ollama has in its cache is not counted again: its count is left out.
const readUsage = /* @__PURE__ */ usageTable(
  {
    inputTokens: 'prompt_eval_count',
    outputTokens: 'eval_count',
    inferenceSeconds: 'prompt_eval_duration + eval_duration ns',
  },
  'zero',
);

/** Ollama's chat, generate and embed. Counts and times come with `done: true`. */
export const ollama = /* @__PURE__ */ shape({
  name: 'ollama',
  is: (payload) => {
    const { done, created_at, embeddings, total_duration } = fields<Payload>(payload);
    return typeof done === 'boolean' ? created_at !== undefined : Array.isArray(embeddings) && isCount(total_duration);
  },
  usage: (payload) => {
    const { done, total_duration, load_duration } = fields<Payload>(payload);
    if (done === false) return undefined;
    const stated = readUsage(payload);
    // Embeddings state the whole time alone, with that of loading the model in it.
    if (stated !== undefined && stated.inferenceSeconds === undefined && isCount(total_duration)) {
      stated.inferenceSeconds = Math.max(0, total_duration - (isCount(load_duration) ? load_duration : 0)) / 1e9;
    }
    return stated;
  },
  output: 'message.content | message.thinking | message.tool_calls.* | response | thinking',
  failed: (payload) => isText(fields<Payload>(payload).error),
  finished: (payload) => fields<Payload>(payload).done === true,
  model: 'model',
});
