import type { AbortSignalLike } from '../call/cancellation.js';
import type { Observer } from '../call/observer.js';
import { AUDIENCE, Audience } from './audience.js';
import { followIterator } from './iterator.js';
import { overlay } from './overlay.js';
import type { ReturnKind } from './return-kind.js';

type Iterate = (this: unknown) => AsyncIterator<unknown>;

/** Objects that give an async iterator when asked; each pass starts at `Symbol.asyncIterator`. */
export const asyncIterable: ReturnKind<AsyncIterable<unknown>> = {
  name: 'async iterable',
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
  signal?: () => AbortSignalLike | undefined,
): T {
  const iterate = (source as Record<PropertyKey, unknown>)[key] as Iterate;
  const audience = new Audience(observer, source);
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
      return followIterator(pass, audience, { signal: signal?.() });
    },
  });
  observer.handsOut(followed);
  return followed;
}
