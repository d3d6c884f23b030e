import { mergeFields } from '../merge-rules.js';
import { type Fields, fields, first, generatedAt, isObject, isText } from '../payload.js';
import { type Shape, shape } from '../shape.js';
import type { TokenUsage } from '../token-extractor.js';
import { usageTable } from '../usage-table.js';

type Payload = 'object' | 'choices' | 'usage' | 'x_groq' | 'timings' | 'time_info' | 'error';
type Choice = 'finish_reason' | 'usage';

/** OpenAI's usage object, in the spellings of all that follow it. */
export const readChatUsage = /* @__PURE__ */ usageTable({
  inputTokens: 'prompt_tokens',
  outputTokens: 'completion_tokens',
  totalTokens: 'total_tokens',
  cachedInputTokens:
    'prompt_tokens_details.cached_tokens | prompt_token_details.cached_tokens | ' +
    'prompt_cache_hit_tokens | cached_tokens | num_cached_tokens',
  cacheWriteInputTokens: 'prompt_tokens_details.cache_write_tokens',
  reasoningTokens: 'completion_tokens_details.reasoning_tokens | completion_token_details.reasoning_tokens',
  // Groq and Cerebras; SambaNova. Waiting in a queue is no time in the model.
  inferenceSeconds: 'prompt_time + completion_time | total_latency',
});

const readTimeInfo = /* @__PURE__ */ usageTable({
  inferenceSeconds: 'time_info.prompt_time + time_info.completion_time',
});

/** llama.cpp's own, which come even where no usage was asked for. */
const readTimings = /* @__PURE__ */ usageTable({
  inputTokens: 'cache_n + prompt_n',
  outputTokens: 'predicted_n',
  cachedInputTokens: 'cache_n',
  inferenceSeconds: 'prompt_ms + predicted_ms ms',
});

const isMessageOutput = /* @__PURE__ */ generatedAt(
  'content | reasoning_content | reasoning | tool_calls.*.function.name | tool_calls.*.function.arguments | refusal | ' +
    'content.*.text | content.*.thinking.*.text | reasoning_details.*.text | reasoning_details.*.summary | ' +
    'function_call.name | function_call.arguments | tool_calls.*.custom.name | tool_calls.*.custom.input | ' +
    'audio.data | audio.transcript | images.*',
);
const isTextOutput = /* @__PURE__ */ generatedAt('choices.*.text');
const findOutput = /* @__PURE__ */ first('choices.*.delta | choices.*.message', (value): value is object =>
  isMessageOutput(value),
);

/**
 * Chat completions and legacy completions of OpenAI and every compatible server. They are one shape because servers
 * mix them up: Hugging Face streams chat deltas as `text_completion`, Together sends `text` beside `delta`.
 */
export const openaiChatShape = {
  name: 'openai.chat',
  is: (payload) => {
    const { object, choices } = fields<Payload>(payload);
    // Azure's first chunk has an empty `object`, Moonshot's have none.
    return isText(object) ? /^(chat|text)[._]completion/.test(object) : Array.isArray(choices);
  },
  usage: (payload) => {
    const { usage, x_groq, choices } = fields<Payload>(payload);
    if (isObject(usage)) return statedUsage(usage, payload);
    if (isObject(x_groq)) return statedUsage(fields<'usage'>(x_groq).usage, payload);
    const choice = firstChoice(choices);
    // All chunks but the last few have a choice that goes on: the hot path of a stream ends here.
    if (choice !== undefined && !isText(choice.finish_reason)) return undefined;
    return statedUsage(choice?.usage, payload);
  },
  output: (payload) => isTextOutput(payload) || findOutput(payload) !== undefined,
  failed: (payload) => {
    const choice = firstChoice(fields<Payload>(payload).choices);
    if (choice === undefined) return isObject(fields<Payload>(payload).error);
    return choice.finish_reason === 'error';
  },
  finished: (payload) => {
    const { choices } = fields<Payload>(payload);
    if (!Array.isArray(choices)) return false;
    for (const choice of choices) {
      if (isText(fields<Choice>(choice).finish_reason)) return true;
    }
    return false;
  },
  model: 'model',
  isMere: (payload) => {
    const { choices, usage, x_groq } = fields<Payload>(payload);
    if (!Array.isArray(choices) || choices.length !== 1 || isObject(usage) || isObject(x_groq)) return false;
    return !isText(fields<Choice>(choices[0]).finish_reason);
  },
} as const satisfies Shape;

export const openaiChat = /* @__PURE__ */ shape(openaiChatShape);

function firstChoice(choices: unknown): Fields<Choice> | undefined {
  return Array.isArray(choices) && choices.length > 0 ? fields<Choice>(choices[0]) : undefined;
}

function statedUsage(usage: unknown, payload: unknown): TokenUsage | undefined {
  const stated = readChatUsage(usage) ?? readTimings(fields<Payload>(payload).timings);
  if (fields<Payload>(payload).time_info === undefined) return stated;
  const time = stated && readTimeInfo(payload);
  return time === undefined ? stated : mergeFields(stated, time);
}
