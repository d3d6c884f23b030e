import { fields, isObject, isText, seconds, startsWith, text } from '../payload.js';
import type { TokenExtractor, TokenUsage } from '../token-extractor.js';
import { usageTable } from '../usage-table.js';

type Payload = 'object' | 'model' | 'choices' | 'usage' | 'x_groq' | 'time_info' | 'timings' | 'error';
type Choice = 'delta' | 'message' | 'text' | 'finish_reason' | 'usage';

/** The usage object of OpenAI's chat and legacy completions, in the spellings of all that follow it. */
const readUsage = /* @__PURE__ */ usageTable({
  inputTokens: 'prompt_tokens | promptTokens',
  outputTokens: 'completion_tokens | completionTokens',
  totalTokens: 'total_tokens | totalTokens',
  cachedInputTokens:
    'prompt_tokens_details.cached_tokens | promptTokensDetails.cachedTokens | prompt_token_details.cached_tokens | ' +
    'prompt_cache_hit_tokens | cached_tokens | num_cached_tokens',
  cacheWriteInputTokens: 'prompt_tokens_details.cache_write_tokens',
  reasoningTokens:
    'completion_tokens_details.reasoning_tokens | completionTokensDetails.reasoningTokens | ' +
    'completion_token_details.reasoning_tokens',
});

/** llama.cpp's timings, which come even where no usage was asked for. */
const readTimings = /* @__PURE__ */ usageTable({
  inputTokens: 'cache_n + prompt_n',
  outputTokens: 'predicted_n',
  cachedInputTokens: 'cache_n',
});

/**
 * Chat completions and legacy completions of OpenAI and every compatible server. They are one shape because servers
 * mix them up: Hugging Face streams chat deltas as `text_completion`, Together sends `text` beside `delta`.
 */
export const openaiChat: TokenExtractor = {
  name: 'openai.chat',
  recognizes: isCompletion,
  usage: completionUsage,
  hasOutput: hasCompletionOutput,
  failed: isCompletionFailure,
  finished: isLastOfCompletion,
  model: (payload) => text(fields<Payload>(payload).model),
};

function isCompletion(payload: unknown): payload is object {
  const { object, choices } = fields<Payload>(payload);
  // Azure's first chunk has an empty `object`, Moonshot's have none.
  if (!isText(object)) return Array.isArray(choices);
  return startsWith(object, 'chat.completion') || object === 'text_completion' || object === 'text.completion';
}

function completionUsage(payload: unknown): TokenUsage | undefined {
  const { usage, x_groq, choices } = fields<Payload>(payload);
  if (isObject(usage)) return statedUsage(usage, payload);
  if (isObject(x_groq)) return statedUsage(fields<'usage'>(x_groq).usage, payload);
  let ofChoice: unknown;
  if (Array.isArray(choices) && choices.length > 0) {
    const choice = fields<Choice>(choices[0]);
    // Here all chunks but the last few end: the hot path of a stream.
    if (!isText(choice.finish_reason)) return undefined;
    ofChoice = choice.usage; // Moonshot
  }
  return statedUsage(ofChoice, payload);
}

function statedUsage(usage: unknown, payload: unknown): TokenUsage | undefined {
  const { time_info, timings } = fields<Payload>(payload);
  const stated = readUsage(usage) ?? readTimings(timings);
  if (stated === undefined) return undefined;
  const time = phaseSeconds(usage) ?? phaseSeconds(time_info) ?? timingSeconds(timings);
  if (time !== undefined) stated.inferenceSeconds = time;
  return stated;
}

/** Groq and Cerebras state the times of both phases, SambaNova the latency. Waiting in a queue is no time in the model. */
function phaseSeconds(times: unknown): number | undefined {
  const { prompt_time, completion_time, total_latency } = fields<'prompt_time' | 'completion_time' | 'total_latency'>(
    times,
  );
  const completion = seconds(completion_time);
  return completion === undefined ? seconds(total_latency) : completion + (seconds(prompt_time) ?? 0);
}

function timingSeconds(timings: unknown): number | undefined {
  const { prompt_ms, predicted_ms } = fields<'prompt_ms' | 'predicted_ms'>(timings);
  const predicted = seconds(predicted_ms, 1000);
  return predicted === undefined ? undefined : predicted + (seconds(prompt_ms, 1000) ?? 0);
}

function hasCompletionOutput(payload: unknown): boolean {
  const { choices } = fields<Payload>(payload);
  if (!Array.isArray(choices)) return false;
  for (const choice of choices) {
    const { text: completion, delta, message } = fields<Choice>(choice);
    if (isText(completion) || isGenerated(delta ?? message)) return true;
  }
  return false;
}

function isGenerated(message: unknown): boolean {
  const { content, reasoning_content, reasoning, refusal } = fields<
    'content' | 'reasoning_content' | 'reasoning' | 'refusal'
  >(message);
  return (
    hasText(content) || isText(reasoning_content) || isText(reasoning) || isText(refusal) || isOtherOutput(message)
  );
}

function isOtherOutput(message: unknown): boolean {
  const { tool_calls, toolCalls, function_call, reasoning_details, audio, images } = fields<
    'tool_calls' | 'toolCalls' | 'function_call' | 'reasoning_details' | 'audio' | 'images'
  >(message);
  const { data, transcript } = fields<'data' | 'transcript'>(audio);
  const calls = tool_calls ?? toolCalls;
  return (
    (Array.isArray(calls) && calls.some(hasCall)) ||
    isCall(function_call) ||
    hasText(reasoning_details) ||
    isText(data) ||
    isText(transcript) ||
    (Array.isArray(images) && images.length > 0)
  );
}

/** Text, or a list of parts as Mistral sends them, where the text of a thought is such a list again. */
function hasText(content: unknown): boolean {
  return Array.isArray(content) ? content.some(isTextPart) : isText(content);
}

function isTextPart(part: unknown): boolean {
  const { text: said, summary, thinking } = fields<'text' | 'summary' | 'thinking'>(part);
  return isText(said) || isText(summary) || hasText(thinking);
}

function hasCall(toolCall: unknown): boolean {
  const { function: called, custom } = fields<'function' | 'custom'>(toolCall);
  return isCall(called) || isCall(custom);
}

function isCall(called: unknown): boolean {
  const { name, arguments: args, input } = fields<'name' | 'arguments' | 'input'>(called);
  return isText(name) || isText(args) || isObject(args) || isText(input);
}

function isCompletionFailure(payload: unknown): boolean {
  const { choices } = fields<Payload>(payload);
  if (!Array.isArray(choices) || choices.length === 0) return isObject(fields<Payload>(payload).error);
  return fields<Choice>(choices[0]).finish_reason === 'error';
}

function isLastOfCompletion(payload: unknown): boolean {
  const { choices } = fields<Payload>(payload);
  if (!Array.isArray(choices)) return false;
  for (const choice of choices) {
    if (isText(fields<Choice>(choice).finish_reason)) return true;
  }
  return false;
}
