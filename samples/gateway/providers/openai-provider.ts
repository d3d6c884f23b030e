import OpenAI from 'openai';
import type {
  CallOptions,
  ChatCompletionParams,
  ChatCompletionResult,
  CompletionParams,
  CompletionResult,
  EmbeddingParams,
  EmbeddingResult,
  Provider,
} from './provider.js';

export interface UpstreamOptions {
  /** Default: OpenAI itself. */
  readonly baseURL?: string;
  readonly apiKey?: string;
}

const LIST_TIMEOUT_MS = 5_000;

/** Any server that speaks OpenAI's protocol, through OpenAI's own client. What the client returns is passed on as it is. */
export class OpenAIProvider implements Provider {
  readonly id = 'openai';
  readonly #client: OpenAI;

  constructor({ baseURL = 'https://api.openai.com/v1', apiKey = 'none' }: UpstreamOptions) {
    // No retries of our own: the gateway's client retries, and two layers of it multiply the load on a sick upstream.
    this.#client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
  }

  /** The upstream knows; asking it first would cost every request a round trip. */
  serves(): boolean {
    return true;
  }

  async listModels(): Promise<readonly OpenAI.Model[]> {
    const models: OpenAI.Model[] = [];
    for await (const model of this.#client.models.list({ timeout: LIST_TIMEOUT_MS })) models.push(model);
    return models;
  }

  async chatCompletion(params: ChatCompletionParams, options: CallOptions): Promise<ChatCompletionResult> {
    return this.#client.chat.completions.create(params, options);
  }

  async completion(params: CompletionParams, options: CallOptions): Promise<CompletionResult> {
    return this.#client.completions.create(params, options);
  }

  async embeddings(params: EmbeddingParams, options: CallOptions): Promise<EmbeddingResult> {
    return this.#client.embeddings.create(params, options);
  }
}
