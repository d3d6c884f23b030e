import type { MiddlewareOptions } from '../middleware-options.js';
import type { NodeRequest, NodeResponse } from '../node/http-messages.js';
import { runNodeHandler } from '../node/run-node-handler.js';
import { TrackedHandler } from '../tracked-handler.js';

/** As much of Fastify's request as is used. */
export interface FastifyRequestLike {
  /** Only POST requests are looked up among the routes. */
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** As Fastify's parser gave it. */
  readonly body: unknown;
  /** Node's own request. */
  readonly raw: NodeRequest;
}

/** As much of Fastify's reply as is used. */
export interface FastifyReplyLike {
  /** Node's own response. */
  readonly raw: NodeResponse;
}

/** As much of a Fastify application as is used. */
export interface FastifyLike {
  /** Adds a hook that runs once a request's body has been parsed. */
  addHook(
    name: 'preValidation',
    hook: (request: FastifyRequestLike, reply: FastifyReplyLike, done: (error?: Error) => void) => void,
  ): unknown;
}

/**
 * A plugin of Fastify that records the inference metrics of each request for inference, in the scope that registers it
 * and those inside: `app.register(trackFastify, options)`. Which requests those are, the routes say.
 *
 * A request counts from when its body has been parsed; one whose body is refused is none. The answer is read as it
 * passes, whichever way it is sent, by `reply.hijack()` too.
 *
 * @throws TypeError when registered, if an option has a wrong value
 */
export function trackFastify(
  app: FastifyLike,
  options: MiddlewareOptions<FastifyRequestLike>,
  done: (error?: Error) => void,
): void {
  const { routes, endpointType, model, provider, attributes, enabled, usage, extractor, tracker, maxJsonLength } =
    options;
  // Fastify adds options of its own, as `prefix`.
  const stated = {
    routes,
    endpointType,
    model,
    provider,
    attributes,
    enabled,
    usage,
    extractor,
    tracker,
    maxJsonLength,
  };
  const handler = new TrackedHandler(stated as MiddlewareOptions<FastifyRequestLike>, 'trackFastify');
  app.addHook('preValidation', (request, reply, next) => {
    const inference = handler.request(request, request.method, request.url, request.body);
    if (inference === undefined) next();
    else runNodeHandler(handler, inference, request.raw, reply.raw, () => next());
  });
  done();
}

// As fastify-plugin does: the hook is for the scope that registers the plugin.
Object.assign(trackFastify, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'track-inference',
});
