import { type AbortSignalLike, isSignal } from '../call/cancellation.js';
import { followPasses } from './async-iterable.js';
import type { ReturnKind } from './return-kind.js';

interface SdkStream {
  iterator(): AsyncIterator<unknown>;
  readonly controller: { readonly signal: AbortSignalLike };
}

/**
 * The `Stream` of the SDKs of OpenAI, Anthropic, Groq, Together, llama-stack and their kin.
 *
 * Its `for await`, `tee()` and `toReadableStream()` all go through its `iterator` field, so that is what is followed;
 * the object, with its controller, stays. It aborts its own controller when it fails, and ends quietly when somebody
 * else does: only at a quiet end does the controller tell that the consumer cut it short.
 */
export const sdkStream: ReturnKind<SdkStream & object> = {
  recognizes(value): value is SdkStream {
    return hasController(value) && typeof (value as Partial<SdkStream>).iterator === 'function';
  },
  follow(value, { observer }) {
    return followPasses(value, 'iterator', observer, value.controller.signal);
  },
};

/** Whether an object is a stream that can be aborted by its own controller. */
export function hasController(value: object): boolean {
  const { controller } = value as Partial<SdkStream>;
  return isSignal(controller?.signal) && Symbol.asyncIterator in value;
}
