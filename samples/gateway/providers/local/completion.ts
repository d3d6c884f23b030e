import { randomUUID } from 'node:crypto';
import type OpenAI from 'openai';
import type { Generation } from './generation.js';

/** Streams a generation in the legacy shape. `echoes` are the prompts that `echo` wants before the text, by choice. */
export async function* completionChunks(
  generation: Generation,
  model: string,
  echoes: readonly string[],
  includeUsage: boolean,
  signal?: AbortSignal,
): AsyncGenerator<OpenAI.Completion, void, undefined> {
  const head = completionHead(model);
  const begun = new Set<number>();
  for await (const { choice: index, text, finishReason } of generation.pieces(signal)) {
    const echo = begun.has(index) ? '' : (echoes[index] ?? '');
    begun.add(index);
    // The legacy shape types a running choice's finish_reason as a string; the wire has null.
    const finish_reason = finishReason as 'stop' | 'length';
    yield { ...head, choices: [{ index, text: echo + text, finish_reason, logprobs: null }] };
  }
  if (includeUsage) yield { ...head, choices: [], usage: generation.usage };
}

export async function completion(
  generation: Generation,
  model: string,
  echoes: readonly string[],
  signal?: AbortSignal,
): Promise<OpenAI.Completion> {
  const choices: OpenAI.CompletionChoice[] = [];
  for await (const { choice: index, text, finishReason } of generation.pieces(signal)) {
    choices[index] ??= { index, text: echoes[index] ?? '', finish_reason: 'stop', logprobs: null };
    choices[index].text += text;
    if (finishReason) choices[index].finish_reason = finishReason;
  }
  return { ...completionHead(model), choices, usage: generation.usage };
}

function completionHead(model: string): Pick<OpenAI.Completion, 'id' | 'object' | 'created' | 'model'> {
  return { id: `cmpl-${randomUUID()}`, object: 'text_completion', created: Math.floor(Date.now() / 1_000), model };
}
