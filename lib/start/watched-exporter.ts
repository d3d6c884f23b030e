import {
  type AggregationOption,
  AggregationTemporality,
  InstrumentType,
  type PushMetricExporter,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';

type Export = PushMetricExporter['export'];
type Done = Parameters<Export>[1];

/**
 * An exporter that says once that it cannot deliver, and once that it can again.
 *
 * The SDK would tell its `diag` about every single failure, and an application without a diag logger about none. It is
 * therefore told that all is well: it does nothing else with a failure.
 */
export class WatchedExporter implements PushMetricExporter {
  readonly #exporter: PushMetricExporter;
  readonly #destination: string;
  readonly #log: (line: string) => void;
  #latest = 0;
  #delivered = 0;
  #failures = 0;
  #reason = 'no export was begun';

  constructor(exporter: PushMetricExporter, destination: string, log: (line: string) => void) {
    this.#exporter = exporter;
    this.#destination = destination;
    this.#log = log;
  }

  /** How many exports have begun. */
  get begun(): number {
    return this.#latest;
  }

  /** Why what was recorded after export number `since` has not arrived; undefined if it has. */
  lostSince(since: number): string | undefined {
    return this.#delivered > since ? undefined : this.#reason;
  }

  export(metrics: ResourceMetrics, done: Done): void {
    const attempt = ++this.#latest;
    this.#reason = `${this.#destination} has not answered yet`;
    this.#exporter.export(metrics, (result) => {
      if (result.code === 0) this.#succeeded(attempt);
      else this.#failed(attempt, reasonOf(result.error));
      done({ code: 0 });
    });
  }

  forceFlush(): Promise<void> {
    return this.#exporter.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  selectAggregationTemporality(instrument: InstrumentType): AggregationTemporality {
    return this.#exporter.selectAggregationTemporality?.(instrument) ?? AggregationTemporality.CUMULATIVE;
  }

  selectAggregation(instrument: InstrumentType): AggregationOption {
    return this.#exporter.selectAggregation?.(instrument) ?? { type: 0 };
  }

  #succeeded(attempt: number): void {
    this.#delivered = Math.max(this.#delivered, attempt);
    if (this.#failures === 0) return;
    const times = this.#failures === 1 ? 'one failed export' : `${this.#failures} failed exports`;
    this.#failures = 0;
    this.#log(`Metrics reach ${this.#destination} again, after ${times}.`);
  }

  #failed(attempt: number, reason: string): void {
    if (attempt === this.#latest) this.#reason = reason;
    this.#failures++;
    if (this.#failures > 1) return;
    const isDelta = this.selectAggregationTemporality(InstrumentType.HISTOGRAM) === AggregationTemporality.DELTA;
    this.#log(
      `Metrics do not reach ${this.#destination}: ${reason}. ${
        isDelta
          ? 'What each failed export held is lost, since temporality is delta.'
          : 'Nothing is lost while this process runs: every export holds all counts so far.'
      } The next line follows when it works again.`,
    );
  }
}

/** The exporter's words for an answer of 429, 502, 503 or 504, which it tries again until its time is over. */
const OVERLOADED = 'Export failed with retryable status';

function reasonOf(error: Error | undefined): string {
  const { message, errors, code } = (error ?? {}) as Partial<AggregateError> & { code?: string | number };
  // Node's error for a host with several addresses has no message of its own.
  const text = message || errors?.[0]?.message || 'the exporter gave no reason';
  if (text === OVERLOADED) return 'it answers that it is overloaded (429, 502, 503 or 504)';
  return typeof code === 'number' ? `${text} (${code})` : text;
}
