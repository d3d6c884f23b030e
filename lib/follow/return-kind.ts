import type { Observer, RunBody } from '../call/observer.js';

/** What a follower may need beside the returned object. */
export interface FollowContext {
  readonly observer: Observer;
  /** Runs code as part of the tracked method; given where the returned iterator is the method's own body. */
  readonly runBody: RunBody | undefined;
  /** Follows what lies inside the returned object: what a promise resolved to, what a carrier carries. */
  readonly follow: (value: unknown, observer: Observer) => unknown;
}

/** One kind of object that a method may return: how to tell it, and how to hear of its life without changing it. */
export interface ReturnKind<T extends object = object> {
  /** A structural test; it may be asked about any object. */
  recognizes(value: object): value is T;
  /** Reports the object's life to the observer, and gives what the caller gets: the same object wherever that can be. */
  follow(value: T, context: FollowContext): unknown;
}
