import { IntervalUnion } from './interval-union.js';

/** The times of a call that few calls have: what is measured by hand, the waits for chunks, and the chunks themselves. */
export class CallTimings {
  /** Time in the model as `measureInference` timed it. */
  measured: IntervalUnion | undefined;
  /** Time in which the call and not its consumer was busy; kept with `excludeConsumerTime`. */
  waits: IntervalUnion | undefined;
  /** Clock readings in milliseconds; kept where a vocabulary times chunks. */
  firstChunkAt: number | undefined;
  #latestChunkAt = 0;

  /** Begins to time the model, by hand. */
  measure(): IntervalUnion {
    this.measured ??= new IntervalUnion();
    return this.measured;
  }

  /** Milliseconds since the chunk before; undefined for the first one. */
  sinceLatestChunk(now: number): number | undefined {
    const since = this.firstChunkAt === undefined ? undefined : now - this.#latestChunkAt;
    this.firstChunkAt ??= now;
    this.#latestChunkAt = now;
    return since;
  }
}
