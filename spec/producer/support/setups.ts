import {
  AggregationTemporality,
  MeterProvider,
  type MetricProducer,
  MetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { createInferenceTracker, type InferenceTracker, type TrackerOptions } from 'track-inference';
import { InferenceMetricProducer } from 'track-inference/producer';
import { FakeClock } from 'track-inference/testing';

/** Collects when asked. */
export class Reader extends MetricReader {
  constructor(metricProducers: MetricProducer[] = [], temporality = AggregationTemporality.CUMULATIVE) {
    super({ metricProducers, aggregationTemporalitySelector: () => temporality });
  }

  async read(): Promise<ResourceMetrics> {
    const { resourceMetrics, errors } = await this.collect();
    expect(errors).toEqual([]);
    return resourceMetrics;
  }

  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

export interface Setup {
  readonly tracker: InferenceTracker;
  readonly clock: FakeClock;
  readonly reader: Reader;
}

/** A tracker, and the reader that an application would have, for each of the two sinks. */
export const setups = {
  'the default sink': (options: TrackerOptions = {}): Setup => {
    const clock = new FakeClock();
    const reader = new Reader();
    const meterProvider = new MeterProvider({ readers: [reader] });
    return { tracker: createInferenceTracker({ ...options, meterProvider, now: clock.now }), clock, reader };
  },
  'the producer': (options: TrackerOptions = {}): Setup => {
    const clock = new FakeClock();
    const sink = new InferenceMetricProducer();
    const reader = new Reader([sink]);
    new MeterProvider({ readers: [reader] });
    return { tracker: createInferenceTracker({ ...options, sink, now: clock.now }), clock, reader };
  },
};
