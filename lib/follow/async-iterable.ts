import type { AbortSignalLike } from '../call/cancellation.js';
import type { Observer } from '../call/observer.js';
import { AUDIENCE, Audience, audienceOf } from './audience.js';
import { followIterator, type IteratorFollower } from './iterator.js';
import { overlay } from './overlay.js';
import type { ReturnKind } from './return-kind.js';

type Iterate = (this: unknown) => AsyncIterator<unknown>;

/** Objects that give an async iterator when asked; each pass starts at `Symbol.asyncIterator`. */
export const asyncIterable: ReturnKind<AsyncIterable<unknown>> = {
  recognizes(value): value is AsyncIterable<unknown> {
    return typeof (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === 'function';
  },
  follow(value, { observer }) {
    return followPasses(value, Symbol.asyncIterator, observer);
  },
};

/**
 * Follows the first iterator that the method named `key` gives. A second pass, where the object allows one, is handed
 * through: the generation it repeats has been counted.
 */
export function followPasses<T extends object>(
  source: T,
  key: PropertyKey,
  observer: Observer,
  signal?: AbortSignalLike,
): T {
  const iterate = (source as Record<PropertyKey, unknown>)[key] as Iterate;
  const audience = new PassAudience(observer, source);
  if (signal !== undefined) hearAbort(signal, audience);
  const followed = overlay(source, {
    [AUDIENCE]: audience,
    [key](this: unknown): AsyncIterator<unknown> {
      if (audience.passed) return iterate.call(source);
      audience.passed = true;
      let pass: AsyncIterator<unknown>;
      try {
        pass = iterate.call(source);
      } catch (error) {
        audience.failed(error);
        throw error;
      }
      const followed = followIterator(pass, audience, { signal });
      audience.pass = audienceOf(followed) as IteratorFollower;
      return followed;
    },
  });
  observer.handsOut(followed);
  return followed;
}

class PassAudience extends Audience {
  /** Whether a pass over the object has begun for this audience. */
  passed = false;
  /** The first pass, once it has begun. */
  pass: IteratorFollower | undefined;

  protected override beganAnew(): void {
    this.passed = false;
  }

  /** A step that is under way will tell by itself: the stream aborts its own signal too, when it fails. */
  aborted(): void {
    if (this.pass === undefined || this.pass.isIdle) this.left();
  }
}

interface ListenableSignal extends AbortSignalLike {
  addEventListener(type: 'abort', listener: () => void, options: { once: boolean }): void;
}

/** Held weakly: the caller's own signal can outlive the stream by far, and must not keep it. */
function hearAbort(signal: AbortSignalLike, audience: PassAudience): void {
  const held = new WeakRef(audience);
  (signal as ListenableSignal).addEventListener('abort', () => held.deref()?.aborted(), { once: true });
}
