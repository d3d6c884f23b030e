// Compiled by `npm run typecheck` under both decorator dialects; never run.
import {
  createInferenceTracker,
  currentInference,
  TrackInference,
  type TrackInferenceOptions,
  trackInference,
  trackMethods,
} from 'track-inference';

interface ChatParams {
  readonly model: string;
  readonly stream?: boolean;
  readonly tenant: 'free' | 'paid';
}
interface Chunk {
  readonly text: string;
  readonly done?: { readonly tokens: number };
}

export class Router {
  readonly region = 'eu';

  @TrackInference()
  bare(): void {}

  @TrackInference('chat_completion')
  async named(params: ChatParams): Promise<string> {
    return params.model;
  }

  @TrackInference({
    endpointType: 'chat_completion',
    model: (params) => params.model,
    provider: (_params, options) => options?.provider,
    attributes: (params) => ({ tenant: params.tenant }),
    signal: (_params, options) => options?.signal,
  })
  async selected(
    params: ChatParams,
    options?: { readonly provider?: string; readonly signal?: AbortSignal },
  ): Promise<string> {
    return params.model + String(options?.provider);
  }

  @TrackInference({
    provider() {
      return this.region;
    },
  })
  withThis(_params: ChatParams): string {
    return this.region;
  }

  @TrackInference({ usage: (chunk) => (chunk.done ? { outputTokens: chunk.done.tokens } : undefined) })
  async *streamed(_params: ChatParams): AsyncGenerator<Chunk> {
    yield { text: 'a' };
  }

  @TrackInference({ usage: (item) => (item.done ? { outputTokens: item.done.tokens } : undefined) })
  async promisedStream(_params: ChatParams): Promise<AsyncIterable<Chunk>> {
    return this.streamed(_params);
  }

  @TrackInference({ usage: (response) => ({ outputTokens: response.length }) })
  async whole(_params: ChatParams): Promise<string[]> {
    return [];
  }

  @TrackInference({ model: (model) => model })
  static create(model: string): string {
    return model;
  }

  // @ts-expect-error: a ChatParams has no `modle`
  @TrackInference({ model: (params) => params.modle })
  misspelt(params: ChatParams): string {
    return params.model;
  }

  // @ts-expect-error: a model is a string
  @TrackInference({ model: (params) => params.model.length })
  wrongKind(params: ChatParams): string {
    return params.model;
  }

  // @ts-expect-error: there is no such option
  @TrackInference({ endpoint: 'chat' })
  unknownOption(): void {}

  // @ts-expect-error: nested is 'join' or 'separate'
  @TrackInference({ nested: 'ignore' })
  wrongNested(): void {}
}

const wrapped = trackInference(async (params: ChatParams, depth: number) => params.model.repeat(depth), {
  model: (params) => params.model,
});
export const result: Promise<string> = wrapped({ model: 'm', tenant: 'free' }, 2);
// @ts-expect-error: the wrapper takes what the function takes
void wrapped({ model: 'm' });

export const tracked: Router = trackMethods(new Router(), {
  named: { model: (params) => params.model },
  whole: 'chat_completion',
});
// @ts-expect-error: region is not a method
trackMethods(new Router(), { region: 'chat_completion' });
// @ts-expect-error: a Router has no such method
trackMethods(new Router(), { nothing: 'chat_completion' });

const tracker = createInferenceTracker({ provider: 'acme' });
export class Other {
  @tracker.TrackInference({ model: (params) => params.model })
  chat(params: ChatParams): string {
    currentInference()?.setProvider('acme');
    return params.model;
  }
}
// @ts-expect-error: cancelledAs is a status
createInferenceTracker({ cancelledAs: 'ignored' });

/** Options can be kept in a variable and reused. */
export const shared: TrackInferenceOptions = { endpointType: 'chat_completion', provider: 'acme' };
export class Shared {
  @TrackInference(shared)
  chat(_params: ChatParams): void {}
}
