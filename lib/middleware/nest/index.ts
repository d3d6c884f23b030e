import { runAs } from '../../call/running-call.js';
import { overlay } from '../../follow/overlay.js';
import type { AnyMethod } from '../../options.js';
import type { MiddlewareOptions } from '../middleware-options.js';
import { type NodeRequest, nodeResponseOf, type ResponseCarrier } from '../node/http-messages.js';
import { runNodeHandler } from '../node/run-node-handler.js';
import { TrackedHandler } from '../tracked-handler.js';

/** As much of Nest's ExecutionContext as is used. */
export interface ExecutionContextLike {
  /** What kind of call it is; only `'http'` is tracked. */
  getType(): string;
  /** The framework's request and response. */
  switchToHttp(): { getRequest(): unknown; getResponse(): unknown };
}

/** As much of Nest's CallHandler as is used. */
export interface CallHandlerLike<Observable> {
  /** What runs the handler once it is subscribed to. */
  handle(): Observable;
}

/** The request of Nest's platform: Express's, or Fastify's. */
export interface NestRequestLike extends NodeRequest {
  /** Node's own request, inside Fastify's. */
  readonly raw?: NodeRequest;
}

/**
 * An interceptor of Nest, on either platform, that records the inference metrics of each request for inference: which
 * those are, the routes say, or `endpointType` where it stands on one handler or controller.
 *
 * Handlers may answer in any way: with a value, an iterable, a stream, an Observable under `@Sse`, or through `@Res`.
 * Guards run before interceptors, so what they refuse is no request for inference.
 */
export class TrackInferenceInterceptor {
  readonly #handler: TrackedHandler;

  /** @throws TypeError if an option has a wrong value */
  constructor(options: MiddlewareOptions<NestRequestLike> = {}) {
    this.#handler = new TrackedHandler(options, 'TrackInferenceInterceptor');
  }

  /** Runs what comes after it as the tracked call; calls other than HTTP's pass. Nest calls it. */
  intercept<Observable extends object>(context: ExecutionContextLike, next: CallHandlerLike<Observable>): Observable {
    if (context.getType() !== 'http') return next.handle();
    const http = context.switchToHttp();
    const req = http.getRequest() as NestRequestLike;
    const request = this.#handler.request(req, req.method, req.originalUrl ?? req.url, req.body);
    if (request === undefined) return next.handle();
    const res = nodeResponseOf(http.getResponse() as ResponseCarrier);
    return runNodeHandler(this.#handler, request, req.raw ?? req, res, (call) => {
      // Nest runs the handler when it subscribes, in the context in which it was asked for it; an Observable that the
      // handler returns it subscribes to in the context in which it was itself subscribed to.
      const handled = next.handle();
      const { subscribe } = handled as { subscribe?: AnyMethod };
      if (call === undefined || subscribe === undefined) return handled;
      return overlay(handled, { subscribe: (...args: unknown[]) => runAs(call, subscribe, handled, args) });
    });
  }
}

/** A module of Nest that puts {@link TrackInferenceInterceptor} before all handlers of the application. */
// biome-ignore lint/complexity/noStaticOnlyClass: Nest tells modules by their class.
export class TrackInferenceModule {
  /**
   * What goes among the `imports` of the application's module.
   *
   * @throws TypeError if an option has a wrong value
   */
  static forRoot(options: MiddlewareOptions<NestRequestLike> = {}): {
    module: typeof TrackInferenceModule;
    providers: { provide: string; useValue: TrackInferenceInterceptor }[];
  } {
    const interceptor = new TrackInferenceInterceptor(options);
    // Nest's APP_INTERCEPTOR is this name.
    return { module: TrackInferenceModule, providers: [{ provide: 'APP_INTERCEPTOR', useValue: interceptor }] };
  }
}
