/** Adds up intervals that may overlap: time in which at least one of them ran, in the unit of the clock. */
export class IntervalUnion {
  #total = 0;
  #open = 0;
  #since = 0;

  begin(at: number): void {
    if (this.#open++ === 0) this.#since = at;
  }

  end(at: number): void {
    if (this.#open === 0) return;
    if (--this.#open === 0) this.#total += at - this.#since;
  }

  /** The union so far; an interval that is still open counts up to `at`. */
  until(at: number): number {
    return this.#open === 0 ? this.#total : this.#total + (at - this.#since);
  }
}
