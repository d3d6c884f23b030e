import type { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { TrackerOptions } from '../tracker-options.js';

/** How an orderly end went. */
export interface ShutdownReport {
  /** Whether something that was recorded has not reached a destination and never will. */
  readonly lost: boolean;
  /** What stood in the way. */
  readonly reason?: string;
}

/** Running metrics: what `startInferenceMetrics` started. */
export interface InferenceMetrics {
  /** The SDK's own, with the readers that were asked for. */
  readonly meterProvider: MeterProvider;
  /** What points a tracker of your own here: `createInferenceTracker({ ...metrics.trackerOptions })`. */
  readonly trackerOptions: Readonly<Pick<TrackerOptions, 'meterProvider' | 'sink'>>;
  /** The address that Prometheus is to scrape; undefined where no port was opened. */
  readonly prometheusUrl: string | undefined;
  /** Everything recorded so far in Prometheus' text format. Rejects where `prometheus` is off. */
  prometheusText(): Promise<string>;
  /**
   * Sends what has not been sent yet and stops. Comes back after `timeoutMilliseconds` at the latest, whatever a back
   * end does, and says, also through `log`, whether the last interval was lost. A second call gets the first one's report.
   */
  shutdown(options?: { timeoutMilliseconds?: number }): Promise<ShutdownReport>;
}
