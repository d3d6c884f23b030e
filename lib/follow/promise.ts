import type { Observer } from '../call/observer.js';
import { isThenable } from '../thenable.js';
import { AUDIENCE, Audience } from './audience.js';
import { overlay } from './overlay.js';
import type { FollowContext, ReturnKind } from './return-kind.js';

type Then = (onFulfilled?: unknown, onRejected?: unknown) => unknown;

/** The engine's own Promise, which `await` recognises, whatever a library put in the global's place. */
let nativePromise: PromiseConstructor | undefined;

/** Promises and other thenables: what they resolve to is followed in turn. */
export const promise: ReturnKind<PromiseLike<unknown>> = {
  recognizes: isThenable,
  follow(value, context) {
    return isPlainNative(value) ? followNative(value, context) : followThenable(value, context);
  },
};

/**
 * A native promise gives a derived one: only that keeps an unhandled rejection unhandled and a handled one handled.
 *
 * `async` around the method would do the same at a higher price, and would turn a sync method into a promise.
 */
export function followNative(
  value: Promise<unknown>,
  { observer, follow }: Pick<FollowContext, 'observer' | 'follow'>,
): Promise<unknown> {
  observer.waitsFor(value);
  return value.then(
    (result) => follow(result, observer),
    (error: unknown) => {
      observer.failed(error);
      throw error;
    },
  );
}

/**
 * Any other thenable, a promise subclass or a promise that carries members of its own stays the same object: its
 * `then` is wrapped, and runs when and as often as the caller runs it. A lazy one stays lazy.
 */
function followThenable(thenable: PromiseLike<unknown>, context: FollowContext): unknown {
  const original = thenable.then as Then;
  const audience = new PromiseAudience(thenable, context);
  const then = function then(this: unknown, onFulfilled?: unknown, onRejected?: unknown): unknown {
    return original.call(
      thenable,
      typeof onFulfilled === 'function' ? (value: unknown) => onFulfilled(audience.resolved(value)) : audience.resolved,
      (error: unknown) => {
        audience.failed(error);
        if (typeof onRejected === 'function') return onRejected(error);
        throw error;
      },
    );
  };
  const members: Record<PropertyKey, unknown> = { [AUDIENCE]: audience, then };
  // `await` skips the own `then` of what it takes for a native promise, and tells one by its constructor.
  if (thenable instanceof native() && thenable.constructor === native())
    members['constructor'] = unlikeNative(native());
  audience.introduce(context.observer);
  return overlay(thenable, members);
}

/** Who hears of a promise that stays the same object. */
export class PromiseAudience extends Audience {
  readonly #follow: FollowContext['follow'];
  #seen: { readonly value: unknown; readonly result: unknown } | undefined;

  constructor(target: object, { observer, follow }: FollowContext) {
    super(observer, target);
    this.#follow = follow;
  }

  override introduce(observer: Observer): void {
    observer.waitsFor(this.target);
    this.#seen = undefined;
  }

  /**
   * Follows what the promise resolved to, once however many wait for it. A thenable that runs again for each of them may
   * give something else then, which is handed through: the call was counted with the first.
   */
  readonly resolved = (value: unknown): unknown => {
    this.#seen ??= { value, result: this.#follow(value, this) };
    return Object.is(this.#seen.value, value) ? this.#seen.result : value;
  };
}

function isPlainNative(value: object): value is Promise<unknown> {
  return Object.getPrototypeOf(value) === native().prototype && Object.getOwnPropertyNames(value).length === 0;
}

function native(): PromiseConstructor {
  nativePromise ??= (async () => {})().constructor as PromiseConstructor;
  return nativePromise;
}

/** A constructor that is not Promise to `await`, and is Promise to `instanceof` and to `then`, which derives by species. */
function unlikeNative(intrinsic: PromiseConstructor): PromiseConstructor {
  return class NativePromise extends intrinsic<unknown> {
    static override get [Symbol.species](): PromiseConstructor {
      return intrinsic;
    }
  } as PromiseConstructor;
}
