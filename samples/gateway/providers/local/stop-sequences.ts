/** Looks for stop sequences in a text that arrives in pieces, and keeps back what may yet turn out to be one. */
export class StopSequences {
  readonly #sequences: readonly string[];
  #held = '';

  constructor(sequences: readonly string[]) {
    this.#sequences = sequences;
  }

  /** Returns what may be shown now; after `stopped` nothing more may. */
  push(text: string): { text: string; stopped: boolean } {
    const pending = this.#held + text;
    const found = this.#sequences.map((sequence) => pending.indexOf(sequence)).filter((at) => at >= 0);
    if (found.length > 0) {
      this.#held = '';
      return { text: pending.slice(0, Math.min(...found)), stopped: true };
    }
    const shown = pending.length - this.#undecided(pending);
    this.#held = pending.slice(shown);
    return { text: pending.slice(0, shown), stopped: false };
  }

  /** What was kept back, for a text that ends otherwise. */
  flush(): string {
    const rest = this.#held;
    this.#held = '';
    return rest;
  }

  /** The length of the longest end of `text` that begins a sequence. */
  #undecided(text: string): number {
    const longest = Math.max(0, ...this.#sequences.map((sequence) => sequence.length - 1));
    for (let length = Math.min(longest, text.length); length > 0; length--) {
      const end = text.slice(text.length - length);
      if (this.#sequences.some((sequence) => sequence.startsWith(end))) return length;
    }
    return 0;
  }
}
