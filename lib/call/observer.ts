import type { AbortSignalLike } from './cancellation.js';

/**
 * What hears of a returned object's life. A follower reports to it and never looks at what it does; it never throws.
 *
 * The life ends with the first of `value`, `ended`, `failed` and `left`; later ones are ignored.
 */
export interface Observer {
  /** Whether the life has ended. */
  readonly isOver: boolean;
  /**
   * The object that came back is followed for `earlier`, which is not over. False: this observer has withdrawn, for
   * the object is that other call's own, handed on, and counted there.
   */
  sharesWith(earlier: Observer): boolean;
  /**
   * What came back begins at each subscription anew. This life is over and nothing is recorded of it; each run of what
   * is returned here is a life of its own.
   */
  repeats(): readonly Repeat[];
  /** The result will come through this promise or thenable. */
  waitsFor(promise: object): void;
  /** A stream came back; `source` is what the consumer must hold to go on reading. */
  handsOut(source: object): void;
  /** The consumer asks for the next chunk. */
  pulling(): void;
  /** A chunk passed. */
  item(chunk: unknown): void;
  /** A whole response came back. */
  value(response: unknown): void;
  /** The stream ended by itself; an aborted `signal` tells that it was cut short. */
  ended(signal?: AbortSignalLike): void;
  /** It threw, rejected, or failed midway. */
  failed(error: unknown): void;
  /** The consumer left before the end. */
  left(): void;
}

/** Begins another life of the same kind: a call for each subscription. */
export interface Repeat {
  /** Equal for what repeats the same method's calls. */
  readonly key: object;
  begin(): { readonly observer: Observer; readonly runBody: RunBody };
}

/** Runs a part of the tracked method's own body; see `runAs`. */
export type RunBody = (method: (...args: never[]) => unknown, self: unknown, args: readonly unknown[]) => unknown;
