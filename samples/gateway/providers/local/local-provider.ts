import { readFileSync } from 'node:fs';
import type OpenAI from 'openai';
import { ApiError } from '../../api-error.js';
import type {
  CallOptions,
  ChatCompletionParams,
  ChatCompletionResult,
  CompletionParams,
  CompletionResult,
  EmbeddingParams,
  EmbeddingResult,
  Provider,
} from '../provider.js';
import { chatChunks, chatCompletion } from './chat-completion.js';
import { completion, completionChunks } from './completion.js';
import { embed } from './embedding.js';
import { Generation, type Prompt } from './generation.js';
import { MarkovModel } from './markov-model.js';
import { chatPrompt, completionPrompts } from './prompts.js';
import { chatSampling, completionSampling, type Sampling } from './sampling.js';
import { CONTEXT_TOKENS } from './tokenizer.js';

const MODEL = 'markov';
/** What clients call it. */
export const LOCAL_MODEL = `local/${MODEL}`;
const MAX_CHOICES = 128;

export interface LocalProviderOptions {
  /** 0 = as fast as it can. */
  readonly tokensPerSecond: number;
}

/** A language model that needs no download and no network: a Markov chain over the first chapters of a novel. */
export class LocalProvider implements Provider {
  readonly id = 'local';
  readonly #tokensPerSecond: number;
  // Public domain; README.md has its source.
  readonly #model = new MarkovModel(readFileSync(new URL('./alice-in-wonderland.txt', import.meta.url), 'utf8'));

  constructor(options: LocalProviderOptions) {
    this.#tokensPerSecond = options.tokensPerSecond;
  }

  serves(model: string): boolean {
    return model === MODEL;
  }

  async listModels(): Promise<readonly OpenAI.Model[]> {
    return [{ id: MODEL, object: 'model', created: 0, owned_by: 'track-inference' }];
  }

  async chatCompletion(params: ChatCompletionParams, { signal }: CallOptions): Promise<ChatCompletionResult> {
    const sampling = chatSampling(params);
    const generation = this.#generate([chatPrompt(this.#model, params)], sampling);
    return params.stream
      ? chatChunks(generation, LOCAL_MODEL, params.stream_options?.include_usage === true, signal)
      : chatCompletion(generation, LOCAL_MODEL, signal);
  }

  async completion(params: CompletionParams, { signal }: CallOptions): Promise<CompletionResult> {
    const sampling = completionSampling(params);
    const prompts = completionPrompts(params);
    const generation = this.#generate(
      prompts.map(({ prompt }) => prompt),
      sampling,
    );
    const echoes = params.echo ? prompts.flatMap(({ text }) => Array<string>(sampling.choices).fill(text)) : [];
    return params.stream
      ? completionChunks(generation, LOCAL_MODEL, echoes, params.stream_options?.include_usage === true, signal)
      : completion(generation, LOCAL_MODEL, echoes, signal);
  }

  async embeddings(params: EmbeddingParams, { signal }: CallOptions): Promise<EmbeddingResult> {
    return embed(params, LOCAL_MODEL, signal);
  }

  #generate(prompts: readonly Prompt[], sampling: Sampling): Generation {
    if (prompts.length * sampling.choices > MAX_CHOICES) {
      throw new ApiError(`At most ${MAX_CHOICES} choices fit into a request.`, { param: 'n', code: 'above_max_value' });
    }
    const longest = Math.max(...prompts.map((prompt) => prompt.tokens));
    const maxTokens = Math.min(sampling.maxTokens, CONTEXT_TOKENS - longest);
    return new Generation({
      model: this.#model,
      prompts,
      sampling: { ...sampling, maxTokens },
      tokensPerSecond: this.#tokensPerSecond,
    });
  }
}
