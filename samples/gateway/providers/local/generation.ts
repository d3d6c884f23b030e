import type OpenAI from 'openai';
import { BOUNDARY, type MarkovModel } from './markov-model.js';
import { Pacer } from './pacer.js';
import { seededRandom } from './random.js';
import type { Sampling } from './sampling.js';
import { StopSequences } from './stop-sequences.js';
import { tokenTexts } from './tokenizer.js';

export interface Prompt {
  readonly tokens: number;
  /** The words so far, which the model goes on from. */
  readonly context: readonly string[];
  /** Words that every choice begins with; picked by a choice's own random numbers. */
  readonly opening?: (random: () => number) => readonly string[];
  /** False where the first word follows nothing or a space. */
  readonly leadingSpace: boolean;
}

export interface Piece {
  readonly choice: number;
  /** One token's text; more where a possible stop sequence was kept back, none at the end of a paragraph. */
  readonly text: string;
  readonly finishReason: 'stop' | 'length' | null;
}

export interface GenerationOptions {
  readonly model: MarkovModel;
  readonly prompts: readonly Prompt[];
  readonly sampling: Sampling;
  readonly tokensPerSecond: number;
}

/** One request's run of the model: its choices in step with each other, a token of each per tick. */
export class Generation {
  readonly #options: GenerationOptions;
  readonly #promptTokens: number;
  #completionTokens = 0;

  constructor(options: GenerationOptions) {
    this.#options = options;
    this.#promptTokens = options.prompts.reduce((sum, prompt) => sum + prompt.tokens, 0);
  }

  /** Tokens as they were generated so far, whether or not they could be shown. */
  get usage(): OpenAI.CompletionUsage {
    return {
      prompt_tokens: this.#promptTokens,
      completion_tokens: this.#completionTokens,
      total_tokens: this.#promptTokens + this.#completionTokens,
    };
  }

  /** Generates on demand: a token that nobody pulls is never drawn. Throws an AbortError when `signal` aborts. */
  async *pieces(signal?: AbortSignal): AsyncGenerator<Piece, void, undefined> {
    const { model, prompts, sampling, tokensPerSecond } = this.#options;
    const pacer = new Pacer(tokensPerSecond);
    await pacer.prefill(this.#promptTokens, signal);
    const total = prompts.length * sampling.choices;
    const running = new Map<number, Iterator<Omit<Piece, 'choice'>>>();
    for (let choice = 0; choice < total; choice++) {
      const prompt = prompts[Math.floor(choice / sampling.choices)] as Prompt;
      running.set(choice, this.#choice(model, prompt, sampling, seededRandom(sampling.seed + choice)));
    }
    while (running.size > 0) {
      await pacer.tick(signal);
      for (const [choice, tokens] of running) {
        const { done, value } = tokens.next();
        if (done) running.delete(choice);
        else if (value.text !== '' || value.finishReason) yield { choice, ...value };
      }
    }
  }

  *#choice(
    model: MarkovModel,
    prompt: Prompt,
    sampling: Sampling,
    random: () => number,
  ): Generator<Omit<Piece, 'choice'>, void, undefined> {
    const stops = new StopSequences(sampling.stop);
    let generated = 0;
    for (const token of wordsAsTokens(model, prompt, sampling.temperature, random)) {
      this.#completionTokens++;
      const { text, stopped } = stops.push(token);
      const full = ++generated === sampling.maxTokens;
      if (stopped) return void (yield { text, finishReason: 'stop' });
      if (full) return void (yield { text: text + stops.flush(), finishReason: 'length' });
      yield { text, finishReason: null };
    }
    yield { text: stops.flush(), finishReason: 'stop' };
  }
}

/** Endless unless the model ends the paragraph, which it may not do before the first word. */
function* wordsAsTokens(
  model: MarkovModel,
  prompt: Prompt,
  temperature: number,
  random: () => number,
): Generator<string, void, undefined> {
  const words = [...prompt.context];
  const queue = [...(prompt.opening?.(random) ?? [])];
  let first = true;
  for (;;) {
    let word = queue.shift() ?? model.next(words, random, temperature);
    if (word === BOUNDARY) {
      if (!first) return;
      word = model.next([BOUNDARY], random, temperature);
    }
    words.push(word);
    for (const text of tokenTexts(word)) {
      yield first && !prompt.leadingSpace ? text.trimStart() : text;
      first = false;
    }
  }
}
