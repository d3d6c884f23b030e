import type { MiddlewareOptions } from '../middleware-options.js';
import { TrackedHandler } from '../tracked-handler.js';
import type { NodeRequest, NodeResponse } from './http-messages.js';
import { runNodeHandler } from './run-node-handler.js';

/**
 * Makes a middleware for Express, Connect and plain `http` that records the inference metrics of each request for
 * inference: which those are, the routes say. What comes after it runs as the tracked call.
 *
 * Stands best behind the body parser; before it, the model is known once the body has been read. The answer is read as
 * it passes, whichever way it is sent. A request whose client leaves is cancelled, one that the server cuts is an error.
 *
 * @throws TypeError if an option has a wrong value
 */
export function trackNode<Req extends NodeRequest = NodeRequest>(
  options: MiddlewareOptions<Req> = {},
): <R>(req: Req, res: NodeResponse, next: (error?: unknown) => R) => R {
  const handler = new TrackedHandler(options, 'trackNode');
  return function trackInferenceRequest(req, res, next) {
    const request = handler.request(req, req.method, req.originalUrl ?? req.url, req.body);
    return request === undefined ? next() : runNodeHandler(handler, request, req, res, () => next());
  };
}
