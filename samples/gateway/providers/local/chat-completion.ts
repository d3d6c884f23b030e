import { randomUUID } from 'node:crypto';
import type OpenAI from 'openai';
import type { Generation } from './generation.js';

/** Streams a generation as OpenAI does: the role, the text, the finish, and the usage where the request asks for it. */
export async function* chatChunks(
  generation: Generation,
  model: string,
  includeUsage: boolean,
  signal?: AbortSignal,
): AsyncGenerator<OpenAI.ChatCompletionChunk, void, undefined> {
  const head = { ...chatHead(model), object: 'chat.completion.chunk' as const };
  const begun = new Set<number>();
  for await (const { choice: index, text, finishReason } of generation.pieces(signal)) {
    if (!begun.has(index)) {
      begun.add(index);
      yield { ...head, choices: [{ index, delta: { role: 'assistant', content: '' }, finish_reason: null }] };
    }
    if (text !== '') yield { ...head, choices: [{ index, delta: { content: text }, finish_reason: null }] };
    if (finishReason) yield { ...head, choices: [{ index, delta: {}, finish_reason: finishReason }] };
  }
  if (includeUsage) yield { ...head, choices: [], usage: generation.usage };
}

export async function chatCompletion(
  generation: Generation,
  model: string,
  signal?: AbortSignal,
): Promise<OpenAI.ChatCompletion> {
  const choices: OpenAI.ChatCompletion.Choice[] = [];
  for await (const { choice: index, text, finishReason } of generation.pieces(signal)) {
    choices[index] ??= {
      index,
      message: { role: 'assistant', content: '', refusal: null },
      finish_reason: 'stop',
      logprobs: null,
    };
    choices[index].message.content += text;
    if (finishReason) choices[index].finish_reason = finishReason;
  }
  return { ...chatHead(model), object: 'chat.completion', choices, usage: generation.usage };
}

function chatHead(model: string): { id: string; created: number; model: string } {
  return { id: `chatcmpl-${randomUUID()}`, created: Math.floor(Date.now() / 1_000), model };
}
