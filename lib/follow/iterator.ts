import type { AbortSignalLike } from '../call/cancellation.js';
import type { Observer, RunBody } from '../call/observer.js';
import { overlay } from './overlay.js';
import { isThenable } from './promise.js';
import type { FollowContext, ReturnKind } from './return-kind.js';

type Step = (this: unknown, value?: unknown) => unknown;

interface AnyIterator {
  next: Step;
  return?: Step;
  throw?: Step;
}

const FOLLOWER = Symbol('track-inference.follower');
type Followed = AnyIterator & { [FOLLOWER]: IteratorFollower };

/** How an iterator is followed, beside who observes it. */
interface IteratorOptions {
  /** Runs a step as part of the tracked method, where the iterator is the method's own body. */
  readonly runBody?: RunBody | undefined;
  /** The stream's own signal: aborted at a quiet end, it tells that the stream was cut short. */
  readonly signal?: AbortSignalLike | undefined;
}

/** Iterators that can be iterated, sync and async; generators are the usual ones. Arrays and other collections are values. */
export const iterator: ReturnKind<AnyIterator> = {
  name: 'iterator',
  recognizes(value): value is AnyIterator {
    return (
      typeof (value as { next?: unknown }).next === 'function' &&
      (Symbol.asyncIterator in value || Symbol.iterator in value)
    );
  },
  follow(value, { observer, runBody }: FollowContext) {
    return followIterator(value, observer, { runBody });
  },
};

/**
 * Follows an iterator by taking the place of its `next`, `return` and `throw`, on the iterator itself.
 *
 * Never by an `async function*` around it: `return()` before the first `next()` would not run its `finally`, and
 * overlapping calls of `next` would wait for each other.
 */
export function followIterator<T extends object>(source: T, observer: Observer, options: IteratorOptions = {}): T {
  const known = (source as Partial<Followed>)[FOLLOWER];
  if (known !== undefined) {
    known.add(observer);
    observer.handsOut(source);
    return source;
  }
  const follower = new IteratorFollower(source as unknown as AnyIterator, observer, options);
  const followed = overlay(source, {
    [FOLLOWER]: follower,
    next: followedNext,
    return: followedReturn,
    ...(follower.throw !== undefined && { throw: followedThrow }),
  });
  observer.handsOut(followed);
  return followed;
}

function followedNext(this: Followed, value?: unknown): unknown {
  const follower = this[FOLLOWER];
  follower.pulling();
  let result: unknown;
  try {
    result = arguments.length === 0 ? follower.step(follower.next) : follower.step(follower.next, value);
  } catch (error) {
    follower.failed(error);
    throw error;
  }
  return follower.see(result);
}

function followedReturn(this: Followed, value?: unknown): unknown {
  const follower = this[FOLLOWER];
  try {
    if (follower.return !== undefined) {
      return arguments.length === 0 ? follower.step(follower.return) : follower.step(follower.return, value);
    }
    const result = { done: true, value };
    return Symbol.asyncIterator in this ? Promise.resolve(result) : result;
  } finally {
    follower.left();
  }
}

function followedThrow(this: Followed, error?: unknown): unknown {
  const follower = this[FOLLOWER];
  try {
    return follower.step(follower.throw as Step, error);
  } finally {
    // A destroyed Node stream closes its source in this way: a consumer's throw is a leaving, not a failure.
    follower.left();
  }
}

/** What stands behind a followed iterator: its own methods, and who observes it. */
class IteratorFollower {
  readonly next: Step;
  readonly return: Step | undefined;
  readonly throw: Step | undefined;
  readonly #source: AnyIterator;
  readonly #runBody: RunBody | undefined;
  readonly #signal: AbortSignalLike | undefined;
  readonly #observer: Observer;
  /** Further observers: a tracked method that hands on what another one returned. */
  #others: Observer[] | undefined;
  #timesWaits: boolean;
  /** Made once per stream, not per chunk. */
  #onResult: ((result: unknown) => unknown) | undefined;
  #onError: ((error: unknown) => never) | undefined;

  constructor(source: AnyIterator, observer: Observer, options: IteratorOptions) {
    this.#source = source;
    this.next = source.next;
    this.return = typeof source.return === 'function' ? source.return : undefined;
    this.throw = typeof source.throw === 'function' ? source.throw : undefined;
    this.#runBody = options.runBody;
    this.#signal = options.signal;
    this.#observer = observer;
    this.#timesWaits = observer.timesWaits;
  }

  add(observer: Observer): void {
    this.#others ??= [];
    this.#others.push(observer);
    this.#timesWaits ||= observer.timesWaits;
  }

  step(method: Step, value?: unknown): unknown {
    if (this.#runBody !== undefined) return this.#runBody(method, this.#source, arguments.length === 1 ? [] : [value]);
    return arguments.length === 1 ? method.call(this.#source) : method.call(this.#source, value);
  }

  see(result: unknown): unknown {
    if (typeof result === 'object' && result !== null && isThenable(result)) {
      this.#onResult ??= (settled) => this.#saw(settled);
      this.#onError ??= (error) => {
        this.failed(error);
        throw error;
      };
      return result.then(this.#onResult, this.#onError);
    }
    return this.#saw(result);
  }

  #saw(result: unknown): unknown {
    if (typeof result !== 'object' || result === null) return result; // The consumer's own loop will complain.
    const { done, value } = result as { done?: unknown; value?: unknown };
    if (done) this.#each((observer) => observer.ended(this.#signal));
    else {
      this.#observer.item(value);
      if (this.#others !== undefined) for (const observer of this.#others) observer.item(value);
    }
    return result;
  }

  pulling(): void {
    if (this.#timesWaits) this.#each((observer) => observer.pulling());
  }

  failed(error: unknown): void {
    this.#each((observer) => observer.failed(error));
  }

  left(): void {
    this.#each((observer) => observer.left());
  }

  /** The first observer is the innermost call: it settles before the calls around it. */
  #each(tell: (observer: Observer) => void): void {
    tell(this.#observer);
    if (this.#others !== undefined) for (const observer of this.#others) tell(observer);
  }
}
