import type { MiddlewareOptions } from '../middleware-options.js';
import type { NodeRequest, NodeResponse } from '../node/http-messages.js';
import { runNodeHandler } from '../node/run-node-handler.js';
import { TrackedHandler } from '../tracked-handler.js';

/** As much of Koa's context as is used. */
export interface KoaContextLike {
  /** Only POST requests are looked up among the routes. */
  readonly method: string;
  /** Path and query, whatever a router has made of them. */
  readonly originalUrl: string;
  /** Koa's own request, on which body parsers put the `body`. */
  readonly request: object;
  /** Node's own request. */
  readonly req: NodeRequest;
  /** Node's own response. */
  readonly res: NodeResponse;
}

/**
 * Makes a middleware of Koa that records the inference metrics of each request for inference: which those are, the
 * routes say. What comes after it runs as the tracked call.
 *
 * Stands best behind the body parser; before it, the model is known once the body has been read. The answer is read as
 * it passes, whichever way it is sent.
 *
 * @throws TypeError if an option has a wrong value
 */
export function trackKoa<Context extends KoaContextLike = KoaContextLike>(
  options: MiddlewareOptions<Context> = {},
): (context: Context, next: () => Promise<unknown>) => Promise<unknown> {
  const handler = new TrackedHandler(options, 'trackKoa');
  return function trackInferenceRequest(context, next) {
    const { method, originalUrl, request } = context;
    const inference = handler.request(context, method, originalUrl, (request as { readonly body?: unknown }).body);
    return inference === undefined
      ? next()
      : runNodeHandler(handler, inference, context.req, context.res, () => next());
  };
}
