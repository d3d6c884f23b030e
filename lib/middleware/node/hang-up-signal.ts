import type { AbortSignalLike } from '../../call/cancellation.js';
import { isComplete, type NodeResponse, nodeResponseOf, type ResponseCarrier } from './http-messages.js';

/** The platform's own AbortSignal, where its types are known. */
type Signal = typeof globalThis extends { AbortSignal: { prototype: infer Platform } } ? Platform : AbortSignalLike;

declare const AbortController: new () => { readonly signal: Signal; abort(reason?: unknown): void };

const signals = /* @__PURE__ */ new WeakMap<NodeResponse, Signal>();

/**
 * A signal that is aborted when the client leaves before its response is complete. Pass it to the provider's SDK, and a
 * model stops generating for nobody.
 *
 * Takes Node's response, Fastify's reply, Koa's context or Nest's response. It looks at the response's connection: the
 * request's own 'close', and Fastify's `request.signal`, come as soon as a body has been read.
 */
export function hangUpSignal(response: ResponseCarrier): Signal {
  const res = nodeResponseOf(response);
  const known = signals.get(res);
  if (known !== undefined) return known;
  const controller = new AbortController();
  signals.set(res, controller.signal);
  const onClose = (): void => {
    if (!isComplete(res)) controller.abort();
  };
  if (res.destroyed) onClose();
  else res.on('close', onClose);
  return controller.signal;
}
