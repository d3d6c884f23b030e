// What the code blocks of README and docs take for granted: a router's own world, and names that an earlier block imported.
declare const configureInference: typeof import('track-inference').configureInference;
declare const createInferenceTracker: typeof import('track-inference').createInferenceTracker;
declare const createTestTracker: typeof import('track-inference/testing').createTestTracker;
declare const currentInference: typeof import('track-inference').currentInference;
declare const tokenExtractors: typeof import('track-inference').tokenExtractors;
declare const TrackInference: typeof import('track-inference').TrackInference;
declare const trackInference: typeof import('track-inference').trackInference;
declare const trackMethods: typeof import('track-inference').trackMethods;
declare const client: import('openai').OpenAI;

interface ChatParams {
  readonly model: string;
  readonly stream?: boolean;
  readonly tier: string;
  readonly healthCheck: boolean;
}
interface CallOptions {
  readonly signal?: AbortSignal;
}
interface Answer {
  readonly usage?: { readonly inputTokens?: number; readonly outputTokens?: number };
}
interface Provider {
  readonly id: string;
  chatCompletion(params: ChatParams): Promise<Answer>;
}
interface Routes {
  resolve(model: string): Promise<Provider>;
}
interface AcmeReply {
  readonly kind: 'acme';
  readonly in: number;
  readonly out: number;
}
interface Router {
  chat(params: { model: string; stream?: boolean }): Promise<AsyncIterable<unknown>>;
}
declare const Router: new () => Router;
declare function answer(params: ChatParams, options?: CallOptions): Promise<Answer>;
declare const log: { info(fields: object): void };
declare const model: string;
declare const provider: string;
declare const seconds: number;
declare const checkConformance: typeof import('track-inference/testing').checkConformance;
declare function routerOver(backend: object): {
  chatCompletion(params: { model: string; stream?: boolean }, signal: AbortSignal): Promise<AsyncIterable<object>>;
};
