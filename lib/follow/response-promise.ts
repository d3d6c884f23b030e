import { AUDIENCE } from './audience.js';
import { overlay } from './overlay.js';
import { PromiseAudience } from './promise.js';
import type { ReturnKind } from './return-kind.js';

interface ResponsePromise {
  innerPromise: PromiseLike<{ data: unknown }>;
  withRawResponse(): PromiseLike<{ data: unknown }>;
}

/**
 * The `HttpResponsePromise` of Cohere's SDK, and of others that Fern generates.
 *
 * All it gives, its data and `withRawResponse()`, comes from its inner promise, which has parsed the body already.
 */
export const responsePromise: ReturnKind<ResponsePromise> = {
  recognizes(value): value is ResponsePromise {
    const { innerPromise, withRawResponse } = value as Partial<ResponsePromise>;
    return typeof innerPromise?.then === 'function' && typeof withRawResponse === 'function';
  },
  follow(value, context) {
    const audience = new PromiseAudience(value, context);
    audience.introduce(context.observer);
    const innerPromise = value.innerPromise.then(
      (raw) => {
        const data = audience.resolved(raw.data);
        return data === raw.data ? raw : { ...raw, data };
      },
      (error: unknown) => {
        audience.failed(error);
        throw error;
      },
    );
    return overlay(value, { [AUDIENCE]: audience, innerPromise });
  },
};
