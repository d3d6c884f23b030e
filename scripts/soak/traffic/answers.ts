import { setImmediate as turn } from 'node:timers/promises';
import type { Tokens } from '../ledger.js';

/** What every answer states: of the ten tokens of input four were cached. */
export const TOKENS: Tokens = { input: 10, output: 6 };

const usage = {
  prompt_tokens: 10,
  completion_tokens: 6,
  total_tokens: 16,
  prompt_tokens_details: { cached_tokens: 4 },
};

export function completion(model: string): object {
  const choices = [{ index: 0, message: { role: 'assistant', content: 'Good day.' }, finish_reason: 'stop' }];
  return { id: 'c1', object: 'chat.completion', created: 1, model, choices, usage };
}

export function embeddings(model: string): object {
  const data = [{ object: 'embedding', index: 0, embedding: [0.5] }];
  return { object: 'list', model, data, usage: { prompt_tokens: 10, total_tokens: 10 } };
}

/** The chunks of one answer: a role, words, the chunk that ends it, the usage. */
export function chunks(model: string): object[] {
  const chunk = (delta: object, finish_reason: string | null = null) => ({
    id: 'c1',
    object: 'chat.completion.chunk',
    created: 1,
    model,
    choices: [{ index: 0, delta, finish_reason }],
  });
  return [
    chunk({ role: 'assistant', content: '' }),
    chunk({ content: 'Good' }),
    chunk({ content: ' day' }),
    chunk({ content: '.' }),
    chunk({}, 'stop'),
    { ...chunk({}), choices: [], usage },
  ];
}

/** How many chunks have passed when there is no output yet, when there is, and when the generation has ended. */
export const UNTIL = { role: 1, output: 2, finish: 5 } as const;

export class BackendFailure extends Error {}

/** What a back end does; `fails` and `hangs` after the first words of a stream. */
export type Plan = 'answers' | 'fails' | 'hangs';

export async function* play(model: string, plan: Plan = 'answers', signal?: AbortSignal): AsyncGenerator<object> {
  for (const [index, chunk] of chunks(model).entries()) {
    if (index === UNTIL.output && plan === 'fails') throw new BackendFailure('midway');
    if (index === UNTIL.output && plan === 'hangs') await untilAborted(signal);
    if (index === UNTIL.role) await turn();
    yield chunk;
  }
}

/** Rejects as a back end's client does when the signal is aborted; never without one. */
export function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
