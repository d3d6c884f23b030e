import type { HrTime } from '@opentelemetry/api';

/** Turns milliseconds since the epoch into OpenTelemetry's pairs; series that share an instant share its pair. */
export class InstantCache {
  readonly #known = new Map<number, HrTime>();

  at(milliseconds: number): HrTime {
    let instant = this.#known.get(milliseconds);
    if (instant === undefined) {
      const seconds = Math.trunc(milliseconds / 1000);
      instant = [seconds, Math.round((milliseconds - seconds * 1000) * 1e6)];
      this.#known.set(milliseconds, instant);
    }
    return instant;
  }
}
