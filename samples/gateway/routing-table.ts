import type OpenAI from 'openai';
import { modelNotFound } from './api-error.js';
import type { Provider } from './providers/provider.js';

export interface Route {
  readonly provider: Provider;
  /** The model's name without its provider: what the provider itself calls it. */
  readonly model: string;
}

/** Finds the provider of a model id such as `local/markov`: what stands before the first slash. */
export class RoutingTable {
  readonly #providers: ReadonlyMap<string, Provider>;

  constructor(providers: readonly Provider[]) {
    this.#providers = new Map(providers.map((provider) => [provider.id, provider]));
  }

  /** Asynchronous like a table that asks a registry, so a caller learns the provider after its first `await`. */
  async resolve(modelId: string): Promise<Route> {
    const slash = modelId.indexOf('/');
    const provider = this.#providers.get(modelId.slice(0, Math.max(slash, 0)));
    const model = modelId.slice(slash + 1);
    if (provider === undefined || model === '' || !provider.serves(model)) throw modelNotFound(modelId);
    return { provider, model };
  }

  /** Every provider's models under the ids that {@link resolve} takes; a provider that does not answer has none. */
  async models(): Promise<OpenAI.Model[]> {
    const lists = await Promise.all(
      [...this.#providers.values()].map(async (provider) => {
        const models = await provider.listModels().catch((error: unknown) => {
          console.warn(`models of "${provider.id}" are not known: ${String(error)}`);
          return [];
        });
        return models.map((model) => ({ ...model, id: `${provider.id}/${model.id}` }));
      }),
    );
    return lists.flat();
  }
}
