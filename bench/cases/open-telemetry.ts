import { metrics } from '@opentelemetry/api';
import { AggregationTemporality, MeterProvider, type MetricProducer, MetricReader } from '@opentelemetry/sdk-metrics';

/** Collects when asked. Without a reader the SDK aggregates nothing. */
export class IdleReader extends MetricReader {
  constructor(metricProducers: MetricProducer[] = []) {
    super({
      aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE,
      // Past its 2,000 sets the SDK does other, dearer work.
      cardinalitySelector: () => 1_000_000,
      metricProducers,
    });
  }

  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** Sets the SDK up as an application does, before the first request. */
export function useSdk(metricProducers: MetricProducer[] = []): IdleReader {
  const reader = new IdleReader(metricProducers);
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  return reader;
}
