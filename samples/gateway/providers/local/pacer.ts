import { setImmediate as breathe, setTimeout as sleep } from 'node:timers/promises';

/** Prompts are read this much faster than answers are written, about as on real hardware. */
const PREFILL_SPEEDUP = 20;
/** At full speed the event loop gets a turn after so many tokens, or one long answer would block every other. */
const TOKENS_PER_TURN = 16;

/** Makes a model that could write thousands of tokens a second write as fast as one of the size people use. */
export class Pacer {
  readonly #intervalMs: number;
  #dueMs = 0;
  #tokens = 0;

  constructor(tokensPerSecond: number) {
    this.#intervalMs = tokensPerSecond > 0 ? 1_000 / tokensPerSecond : 0;
  }

  /** Waits as long as reading the prompt takes. Rejects with an AbortError when the client has left. */
  async prefill(promptTokens: number, signal?: AbortSignal): Promise<void> {
    this.#dueMs = performance.now() + (promptTokens * this.#intervalMs) / PREFILL_SPEEDUP;
    await this.#wait(signal);
  }

  /** Waits until the next token is due. Rejects with an AbortError when the client has left. */
  async tick(signal?: AbortSignal): Promise<void> {
    // Timers run late by a millisecond or so, which the next wait makes up for; a slow reader's pause is not made up for.
    this.#dueMs = Math.max(this.#dueMs, performance.now() - this.#intervalMs) + this.#intervalMs;
    await this.#wait(signal);
  }

  async #wait(signal: AbortSignal | undefined): Promise<void> {
    const waitMs = this.#dueMs - performance.now();
    if (this.#intervalMs > 0 && waitMs > 0) await sleep(waitMs, undefined, { signal });
    else if (signal?.aborted || ++this.#tokens % TOKENS_PER_TURN === 0) await breathe(undefined, { signal });
  }
}
