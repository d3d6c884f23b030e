import { AggregationType, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { metricRows } from '../../lib/testing/metric-rows.js';

class ManualReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

it('has a row for a series of each kind of instrument, with 0 for what a histogram does not keep', async () => {
  const reader = new ManualReader();
  const provider = new MeterProvider({
    readers: [reader],
    views: [
      {
        instrumentName: 'durations',
        aggregation: {
          type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM,
          options: { recordMinMax: false, boundaries: [1] },
        },
      },
    ],
  });
  const meter = provider.getMeter('m');
  meter.createCounter('requests').add(2, { model: 'm' });
  meter.createGauge('load').record(3);
  meter.createHistogram('durations').record(0.5);
  meter.createHistogram('sizes').record(4);
  const { resourceMetrics } = await reader.collect();
  expect(new Set(metricRows(resourceMetrics))).toEqual(
    new Set([
      { name: 'requests', attributes: { model: 'm' }, value: 2 },
      { name: 'load', attributes: {}, value: 3 },
      { name: 'durations', attributes: {}, count: 1, sum: 0.5, min: 0, max: 0 },
      { name: 'sizes', attributes: {}, count: 1, sum: 4, min: 4, max: 4 },
    ]),
  );
  await provider.shutdown();
});
