import { currentInference, TrackInference } from 'track-inference';
import type {
  CallOptions,
  ChatCompletionParams,
  ChatCompletionResult,
  CompletionParams,
  CompletionResult,
  EmbeddingParams,
  EmbeddingResult,
  Provider,
} from './providers/provider.js';
import type { RoutingTable } from './routing-table.js';

/**
 * Takes a request to the provider that its model id names.
 *
 * The annotations are all there is of metrics in this gateway. Model and stream are read from the request, tokens from
 * what the provider returns, a hang-up from `options.signal`; only the provider has to be told, once it is known.
 */
export class InferenceRouter {
  readonly #routingTable: RoutingTable;

  constructor(routingTable: RoutingTable) {
    this.#routingTable = routingTable;
  }

  @TrackInference({ endpointType: 'chat_completion' })
  async openaiChatCompletion(params: ChatCompletionParams, options: CallOptions = {}): Promise<ChatCompletionResult> {
    const { provider, model } = await this.#route(params.model);
    return provider.chatCompletion({ ...params, model }, options);
  }

  @TrackInference({ endpointType: 'completion' })
  async openaiCompletion(params: CompletionParams, options: CallOptions = {}): Promise<CompletionResult> {
    const { provider, model } = await this.#route(params.model);
    return provider.completion({ ...params, model }, options);
  }

  @TrackInference({ endpointType: 'embeddings' })
  async openaiEmbeddings(params: EmbeddingParams, options: CallOptions = {}): Promise<EmbeddingResult> {
    const { provider, model } = await this.#route(params.model);
    return provider.embeddings({ ...params, model }, options);
  }

  async #route(modelId: string): Promise<{ provider: Provider; model: string }> {
    const route = await this.#routingTable.resolve(modelId);
    currentInference()?.setProvider(route.provider.id);
    return route;
  }
}
