import type { InferenceTracker } from 'track-inference';
import type { Truth } from '../ledger.js';

/** What one request is made with. */
export interface Scene {
  /** The model to ask for: one of a few as a rule, else one of a flood. */
  readonly model: string;
  /** A name that is new with each request. */
  readonly unique: string;
}

/** Makes one request of its kind, and says what the metrics must show of it, and of what it counts apart, once all has settled. */
export type Kind = (scene: Scene) => Promise<Truth | readonly Truth[]>;

/** The kinds of one sort of traffic, over methods that this tracker tracks. */
export type Kinds = (tracker: InferenceTracker, serverUrl: string) => Readonly<Record<string, Kind>>;

/** Waits for a failure that the kind is about; throws if there is none. */
export async function failure(of: Promise<unknown> | (() => unknown)): Promise<unknown> {
  try {
    await (typeof of === 'function' ? of() : of);
  } catch (error) {
    return error;
  }
  throw new Error('a request did not fail that should have');
}

/** Reads a stream: to its end, or until `count` chunks have passed. */
export async function read(stream: AsyncIterable<unknown> | Iterable<unknown>, count = Infinity): Promise<void> {
  let passed = 0;
  for await (const _ of stream) if (++passed === count) break;
}
