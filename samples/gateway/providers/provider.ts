import type OpenAI from 'openai';

export type ChatCompletionParams = OpenAI.ChatCompletionCreateParams;
export type ChatCompletionResult = OpenAI.ChatCompletion | AsyncIterable<OpenAI.ChatCompletionChunk>;
export type CompletionParams = OpenAI.CompletionCreateParams;
export type CompletionResult = OpenAI.Completion | AsyncIterable<OpenAI.Completion>;
export type EmbeddingParams = OpenAI.EmbeddingCreateParams;
/** `encoding_format: 'base64'` makes a string of each vector, which the client's own type leaves out. */
export type EmbeddingResult = Omit<OpenAI.CreateEmbeddingResponse, 'data'> & {
  data: readonly (Omit<OpenAI.Embedding, 'embedding'> & { embedding: readonly number[] | string })[];
};

export interface CallOptions {
  /** Aborts when the client hangs up. */
  readonly signal?: AbortSignal;
}

/** A backend behind the router. It knows its models by their own names, without the provider in front. */
export interface Provider {
  /** The first part of a model id such as `local/markov`, and the `provider` attribute of its metrics. */
  readonly id: string;
  /** False only where the provider is sure; one that cannot tell says true and fails the call. */
  serves(model: string): boolean;
  listModels(): Promise<readonly OpenAI.Model[]>;
  chatCompletion(params: ChatCompletionParams, options: CallOptions): Promise<ChatCompletionResult>;
  completion(params: CompletionParams, options: CallOptions): Promise<CompletionResult>;
  embeddings(params: EmbeddingParams, options: CallOptions): Promise<EmbeddingResult>;
}
