import type { Observation, Outcome } from './observation.js';

const BAR_WIDTH = 20;

/** One line that rewrites itself on a terminal, and a line every five seconds where the output is piped. */
export class Progress {
  readonly #startedAt = performance.now();
  readonly #durationMs: number;
  readonly #output: NodeJS.WriteStream;
  readonly #timer: NodeJS.Timeout;
  readonly #ended: Record<Outcome, number> = { success: 0, cancelled: 0, error: 0, refused: 0 };
  #inFlight = 0;

  constructor(durationMs: number, output: NodeJS.WriteStream = process.stdout) {
    this.#durationMs = durationMs;
    this.#output = output;
    this.#timer = setInterval(() => this.#draw(), output.isTTY ? 200 : 5_000);
  }

  started(): void {
    this.#inFlight++;
  }

  ended({ outcome }: Observation): void {
    this.#inFlight--;
    this.#ended[outcome]++;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#draw();
    if (this.#output.isTTY) this.#output.write('\n');
  }

  #draw(): void {
    const elapsedMs = performance.now() - this.#startedAt;
    const filled = Math.round(BAR_WIDTH * Math.min(1, elapsedMs / this.#durationMs));
    const bar = `${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}`;
    const counts = Object.entries(this.#ended).map(([outcome, count]) => `${outcome} ${count}`);
    const line = `[${bar}] ${Math.round(elapsedMs / 1_000)} s  in flight ${this.#inFlight}  ${counts.join('  ')}`;
    this.#output.write(this.#output.isTTY ? `\r\x1b[2K${line.slice(0, this.#output.columns - 1)}` : `${line}\n`);
  }
}
