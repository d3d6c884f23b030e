/** A clock that stands still until a test moves it. */
export class FakeClock {
  #milliseconds: number;

  /** @param startMilliseconds @default 0 */
  constructor(startMilliseconds = 0) {
    this.#milliseconds = startMilliseconds;
  }

  /** The time in milliseconds; bound, to be passed as a tracker's `now`. */
  readonly now = (): number => this.#milliseconds;

  /**
   * Moves the clock forward.
   *
   * @throws RangeError if `milliseconds` is negative or no number
   */
  advance(milliseconds: number): void {
    if (!(milliseconds >= 0)) throw new RangeError(`FakeClock.advance: cannot move by ${milliseconds} ms.`);
    this.#milliseconds += milliseconds;
  }
}
