interface Timer {
  unref?(): void;
}
declare function setTimeout(callback: () => void, milliseconds: number): Timer | number;

/** A call that can be given up. */
interface Abandonable {
  /** Reading of the tracker's clock at the last sign of life. */
  readonly lastSignAt: number;
  abandoned(): void;
}

/**
 * Gives up calls that have been silent for too long, for streams whose consumer is gone without a word.
 *
 * One timer for all calls of a tracker, running only while there are any; it keeps no process alive. Calls are looked
 * at four times in the allowed silence, so one is given up at most a quarter of it late.
 */
export class AbandonmentWatch {
  readonly #calls = new Set<Abandonable>();
  readonly #silence: number;
  readonly #now: () => number;
  #isRunning = false;

  constructor(silenceMilliseconds: number, now: () => number) {
    this.#silence = silenceMilliseconds;
    this.#now = now;
  }

  add(call: Abandonable): void {
    this.#calls.add(call);
    if (!this.#isRunning) this.#schedule();
  }

  delete(call: Abandonable): void {
    this.#calls.delete(call);
  }

  #schedule(): void {
    this.#isRunning = true;
    const timer = setTimeout(() => this.#sweep(), Math.max(1, this.#silence / 4));
    if (typeof timer === 'object') timer.unref?.();
  }

  #sweep(): void {
    this.#isRunning = false;
    const now = this.#now();
    for (const call of this.#calls) {
      if (now - call.lastSignAt < this.#silence) continue;
      this.#calls.delete(call);
      call.abandoned();
    }
    if (this.#calls.size > 0) this.#schedule();
  }
}
