import type { AbortSignalLike } from './cancellation.js';

/**
 * What hears of a returned object's life. A follower reports to it and never looks at what it does; it never throws.
 *
 * The life ends with the first of `value`, `ended`, `failed`, `left` and `collected`; later ones are ignored.
 */
export interface Observer {
  /** True where {@link pulling} wants to be told. */
  readonly timesWaits: boolean;
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
  /** Nobody can reach the promise or the stream any more. */
  collected(): void;
}

/** Runs a part of the tracked method's own body; see `runAs`. */
export type RunBody = (method: (...args: never[]) => unknown, self: unknown, args: readonly unknown[]) => unknown;
