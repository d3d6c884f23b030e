import { difference, type Histogram } from './histogram.js';
import { type Reading, settled } from './reading.js';

/** How far back the charts reach. */
export const KEPT_SECONDS = 120;
/** Over how long a rate or a quantile is taken: long enough to be calm, short enough to move. */
const WINDOW_MS = 10_000;

/** The readings of the last minutes, and what happened between them. */
export class History {
  #readings: Reading[] = [];
  /** When the count of each kind of error last grew, in milliseconds since 1970. */
  readonly #lastErrors = new Map<string, number>();

  add(reading: Reading): void {
    const latest = this.#readings.at(-1);
    // The gateway was started anew: what was before has no connection to what is.
    if (latest && settled(reading.all) < settled(latest.all)) this.#readings = [];
    for (const { type, model, provider, endpointType, count } of reading.errors) {
      const key = JSON.stringify([type, model, provider, endpointType]);
      const before = latest?.errors.find(
        (one) => JSON.stringify([one.type, one.model, one.provider, one.endpointType]) === key,
      );
      if (latest && count > (before?.count ?? 0)) this.#lastErrors.set(key, reading.at);
    }
    this.#readings.push(reading);
    while ((this.#readings[0]?.at ?? 0) < reading.at - KEPT_SECONDS * 1_000) this.#readings.shift();
  }

  get latest(): Reading | undefined {
    return this.#readings.at(-1);
  }

  /** When an error of that kind was last seen by this page; undefined if only before it was opened. */
  lastSeen(error: { type: string; model: string; provider: string; endpointType: string }): number | undefined {
    return this.#lastErrors.get(JSON.stringify([error.type, error.model, error.provider, error.endpointType]));
  }

  /** Seconds since 1970, one for each reading. */
  get times(): number[] {
    return this.#readings.map(({ at }) => at / 1_000);
  }

  /** One value for each reading, of what `pick` finds there and in the reading a window before. */
  series(pick: (now: Reading, before: Reading | undefined, seconds: number) => number | undefined): (number | null)[] {
    return this.#readings.map((now, index) => {
      const before = this.#before(index);
      return pick(now, before, before ? (now.at - before.at) / 1_000 : 0) ?? null;
    });
  }

  #before(index: number): Reading | undefined {
    const since = (this.#readings[index]?.at ?? 0) - WINDOW_MS;
    let found: Reading | undefined;
    for (let i = index - 1; i >= 0; i--) {
      const candidate = this.#readings[i] as Reading;
      found = candidate;
      if (candidate.at <= since) break;
    }
    return found;
  }
}

/** What a histogram gained between two readings; a pair that was not there before gained all it has. */
export function gained(now: Histogram, before: Histogram | undefined): Histogram {
  return before ? difference(now, before) : now;
}
