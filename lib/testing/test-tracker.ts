import { AggregationTemporality, MeterProvider, MetricReader, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { defaultTracker } from '../default-tracker.js';
import { type InferenceTracker, trackerOver } from '../track-inference.js';
import { Tracker } from '../tracker.js';
import { checkTrackerOptions, type TrackerOptions } from '../tracker-options.js';
import { TrackerRuntime } from '../tracker-runtime.js';
import { FakeClock } from './fake-clock.js';
import { type MetricRow, metricRows } from './metric-rows.js';

/** How a test tracker is made: any setting of a tracker, and whether it takes the default one's place. */
export interface TestTrackerOptions extends Omit<TrackerOptions, 'meterProvider' | 'now'> {
  /**
   * Until `dispose()`, the methods of the default tracker record here, classes that were decorated at import among them.
   * Calls already running stay where they began. @default true
   */
  replaceDefault?: boolean | undefined;
}

/** A tracker for tests: a real MeterProvider read in memory, and a clock that the test moves. */
export interface TestTracker extends InferenceTracker {
  /** What the tracker reads the time from; it begins at 0 and stands still until the test moves it. */
  readonly clock: FakeClock;
  /** What has been recorded so far, one row a series; with a name, that instrument's alone (the prefix may be left out). */
  rows(name?: string): Promise<MetricRow[]>;
  /** Puts the default tracker back, and shuts its own MeterProvider down. */
  dispose(): Promise<void>;
}

/**
 * Makes a tracker whose metrics a test can read back exactly, in any test runner.
 *
 * Needs `@opentelemetry/sdk-metrics`.
 */
export function createTestTracker(options: TestTrackerOptions = {}): TestTracker {
  const { replaceDefault = true, ...settings } = options;
  checkTrackerOptions(settings, 'createTestTracker');
  const clock = new FakeClock();
  const reader = new OnDemandReader();
  const meterProvider = new MeterProvider({ readers: [reader] });
  const runtime = new TrackerRuntime({ ...settings, meterProvider, now: clock.now });
  const replaced = replaceDefault ? defaultTracker().tracker.replaceRuntime(runtime) : undefined;

  return {
    ...trackerOver(new Tracker(runtime)),
    clock,
    async rows(name) {
      const rows = metricRows(await reader.read());
      return name === undefined ? rows : rows.filter((row) => row.name === name || row.name.endsWith(`.${name}`));
    },
    async dispose() {
      const { tracker } = defaultTracker();
      if (replaced !== undefined && tracker.runtime === runtime) tracker.replaceRuntime(replaced);
      await meterProvider.shutdown();
    },
  };
}

/** Collects when asked, and never by itself. */
class OnDemandReader extends MetricReader {
  constructor() {
    super({ aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE });
  }

  async read(): Promise<ResourceMetrics> {
    const { resourceMetrics, errors } = await this.collect();
    if (errors.length > 0) throw errors[0];
    return resourceMetrics;
  }

  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}
