import type OpenAI from 'openai';
import { ApiError } from '../../api-error.js';
import type { ChatCompletionParams, CompletionParams } from '../provider.js';
import type { Prompt } from './generation.js';
import { BOUNDARY, type MarkovModel } from './markov-model.js';
import { countTokens, decode } from './tokenizer.js';

/** The conversation as the model reads it, and as its tokens are counted. */
export function chatTemplate(messages: readonly OpenAI.ChatCompletionMessageParam[]): string {
  return `${messages.map((message) => `${message.role}: ${textOf(message.content)}\n`).join('')}assistant:`;
}

export function chatPrompt(model: MarkovModel, { messages }: ChatCompletionParams): Prompt {
  const asked = textOf(messages.at(-1)?.content);
  return {
    tokens: countTokens(chatTemplate(messages), 'messages'),
    context: [BOUNDARY],
    opening: (random) => model.openingFor(asked, random),
    leadingSpace: false,
  };
}

/** One prompt, or as many as the request has: strings, or arrays of this model's tokens. */
export function completionPrompts({ prompt }: CompletionParams): { text: string; prompt: Prompt }[] {
  return asList(prompt ?? '').map((item) => {
    const text = typeof item === 'string' ? item : decode(item, 'prompt');
    const words = text.split(/\s+/).filter((word) => word !== '');
    const tokens = typeof item === 'string' ? countTokens(item, 'prompt') : item.length;
    const context = words.length > 0 ? words : [BOUNDARY];
    return { text, prompt: { tokens, context, leadingSpace: /\S$/.test(text) } };
  });
}

/** `'a'`, `['a', 'b']`, `[1, 2]` and `[[1, 2], [3]]`: OpenAI takes all four for `prompt` and for `input`. */
export function asList(value: CompletionParams['prompt']): (string | number[])[] {
  if (value == null) return [];
  if (typeof value === 'string') return [value];
  return typeof value[0] === 'number' ? [value as number[]] : (value as (string | number[])[]);
}

function textOf(content: OpenAI.ChatCompletionMessageParam['content']): string {
  if (content == null) return '';
  if (typeof content === 'string') return content;
  return content.map((part) => (part.type === 'text' ? part.text : refusePart(part.type))).join('');
}

function refusePart(type: string): string {
  if (type === 'refusal') return '';
  throw new ApiError(`Invalid content type. This model reads text only, not ${type}.`, { param: 'messages' });
}
