import { type Fields, fields, isObject, isText, seconds, text } from '../payload.js';
import type { TokenExtractor } from '../token-extractor.js';
import { usageTable } from '../usage-table.js';

type Payload =
  | 'model'
  | 'created_at'
  | 'done'
  | 'error'
  | 'message'
  | 'response'
  | 'thinking'
  | 'embeddings'
  | 'total_duration'
  | 'load_duration'
  | 'prompt_eval_duration'
  | 'eval_duration';

// A prompt that Ollama has in its cache is not counted again: its count is left out.
const readUsage = /* @__PURE__ */ usageTable({ inputTokens: 'prompt_eval_count', outputTokens: 'eval_count' }, 'zero');

/** Ollama's chat, generate and embed. Counts and times, in nanoseconds, come with `done: true`. */
export const ollama: TokenExtractor = {
  name: 'ollama',
  recognizes: (payload): payload is object => {
    const { done, created_at, embeddings, total_duration } = fields<Payload>(payload);
    return typeof done === 'boolean'
      ? created_at !== undefined
      : Array.isArray(embeddings) && typeof total_duration === 'number';
  },
  usage: (payload) => {
    const stated = readUsage(payload);
    const time = modelSeconds(fields(payload));
    if (stated !== undefined && time !== undefined) stated.inferenceSeconds = time;
    return stated;
  },
  hasOutput: (payload) => {
    const { message, response, thinking } = fields<Payload>(payload);
    if (!isObject(message)) return isText(response) || isText(thinking);
    const { content, thinking: thought, tool_calls } = fields<'content' | 'thinking' | 'tool_calls'>(message);
    return isText(content) || isText(thought) || (Array.isArray(tool_calls) && tool_calls.length > 0);
  },
  failed: (payload) => isText(fields<Payload>(payload).error),
  finished: (payload) => fields<Payload>(payload).done === true,
  model: (payload) => text(fields<Payload>(payload).model),
};

/** Reading the prompt and generating; without them the whole less the loading of the model. */
function modelSeconds(times: Fields<Payload>): number | undefined {
  const reading = seconds(times.prompt_eval_duration, 1e9);
  const generating = seconds(times.eval_duration, 1e9);
  if (reading !== undefined || generating !== undefined) return (reading ?? 0) + (generating ?? 0);
  const whole = seconds(times.total_duration, 1e9);
  return whole && Math.max(0, whole - (seconds(times.load_duration, 1e9) ?? 0));
}
