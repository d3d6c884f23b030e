import { DataPointType, MeterProvider, MetricReader, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { createInferenceTracker, currentInference, type InferenceTracker } from 'track-inference';
import { genAiWithChunks } from 'track-inference/gen-ai';
import { InferenceMetricProducer } from 'track-inference/producer';
import { metricRows } from '../../lib/testing/metric-rows.js';
import { completion, role, text, usage } from '../support/chunks.js';

class Reader extends MetricReader {
  async read(): Promise<ResourceMetrics> {
    return (await this.collect()).resourceMetrics;
  }
  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}
}

const settings = {
  vocabularies: [genAiWithChunks],
  extras: ['tokens', 'time_per_output_token', 'attempts'],
  slo: { requestDurationSeconds: 1 },
  errorType: true,
  buckets: { requestDuration: [0.1, 1] },
} as const;

/** Every kind of record, on a clock of its own. */
async function traffic(tracker: InferenceTracker, clock: { now: number }): Promise<void> {
  const chat = tracker.trackInference(async function chat(_request: { model: string; fails?: boolean }) {
    currentInference()?.setProvider('p');
    clock.now += 100;
    if (_request.fails) throw Object.assign(new Error(), { status: 503 });
    return completion(10, 20);
  });
  const stream = tracker.trackInference(async function* stream(_request: { model: string }) {
    clock.now += 50;
    yield role;
    clock.now += 50;
    yield text('a');
    clock.now += 200;
    yield usage(3, 5);
  });
  await chat({ model: 'a' });
  await chat({ model: 'b', fails: true }).catch(() => {});
  for await (const _ of stream({ model: 'a' }));
  for await (const _ of stream({ model: 'a' })) break;
  await stream({ model: 'open' }).next();
}

async function rowsOf(make: (reader: Reader, clock: { now: number }) => InferenceTracker) {
  const clock = { now: 0 };
  const reader = new Reader();
  const tracker = make(reader, clock);
  await traffic(tracker, clock);
  const collected = await reader.read();
  const described = collected.scopeMetrics.flatMap(({ scope, metrics }) =>
    metrics.map((metric) => {
      // `type` is no public part of it: the exporters of SDK 1.x go by it.
      const { name, unit, description, type, valueType } = metric.descriptor as typeof metric.descriptor & {
        type: unknown;
      };
      return {
        scope: scope.name,
        version: scope.version,
        name,
        unit,
        description,
        type,
        valueType,
        dataPointType: metric.dataPointType,
        aggregationTemporality: metric.aggregationTemporality,
        isMonotonic: metric.dataPointType === DataPointType.SUM && metric.isMonotonic,
      };
    }),
  );
  const buckets = collected.scopeMetrics.flatMap(({ metrics }) =>
    metrics.flatMap(({ dataPoints }) => (dataPoints as { value: unknown }[]).map(({ value }) => JSON.stringify(value))),
  );
  const sorted = (list: object[]) => list.map((one) => JSON.stringify(one)).sort();
  return { rows: sorted(metricRows(collected)), described: sorted(described), buckets: buckets.sort() };
}

describe('InferenceMetricProducer', () => {
  it('hands over what the default sink does: names, units, attributes, buckets, values', async () => {
    const byApi = await rowsOf((reader, clock) => {
      const meterProvider = new MeterProvider({ readers: [reader] });
      return createInferenceTracker({ ...settings, meterProvider, now: () => clock.now });
    });
    const byProducer = await rowsOf((_reader, clock) => {
      const producer = new InferenceMetricProducer();
      const reader = new Reader({ metricProducers: [producer] });
      new MeterProvider({ readers: [reader] });
      Object.assign(_reader, { read: () => reader.read() });
      return createInferenceTracker({ ...settings, sink: producer, now: () => clock.now });
    });
    expect(byApi.rows.length).toBeGreaterThan(30);
    expect(byProducer).toEqual(byApi);
  });

  it('hands over what came since the latest collection with temporality delta', async () => {
    const producer = new InferenceMetricProducer({ temporality: 'delta' });
    const reader = new Reader({ metricProducers: [producer] });
    new MeterProvider({ readers: [reader] });
    const chat = createInferenceTracker({ sink: producer }).trackInference(function chat() {});
    const counted = async () =>
      metricRows(await reader.read())
        .filter(({ name, value }) => name.endsWith('requests_total') && value !== 0)
        .map(({ value }) => value);
    chat();
    chat();
    expect(await counted()).toEqual([2]);
    expect(await counted()).toEqual([]);
    chat();
    expect(await counted()).toEqual([1]);
  });

  it.each([
    [{ temporality: 'sometimes' }, /option "temporality" must be 'cumulative' or 'delta', got "sometimes"/],
    [{ views: [] }, /unknown option "views"/],
    [7, /options must be an object, got 7/],
    [null, /options must be an object, got null/],
  ])('refuses %j', (options, message) => {
    expect(() => new InferenceMetricProducer(options as object)).toThrow(message);
  });

  it.each(['cumulative', 'delta', undefined] as const)('takes temporality %s', (temporality) => {
    expect(() => new InferenceMetricProducer({ temporality })).not.toThrow();
  });

  it('takes recordings made by hand', async () => {
    const producer = new InferenceMetricProducer();
    const reader = new Reader({ metricProducers: [producer] });
    new MeterProvider({ readers: [reader] });
    createInferenceTracker({ sink: producer });
    producer.instrument('llama_stack.inference.requests_total')?.add?.(2, { model: 'm' });
    producer.instrument('llama_stack.inference.request_duration_seconds')?.record?.(Number.NaN);
    expect(metricRows(await reader.read())).toEqual([
      { name: 'llama_stack.inference.requests_total', attributes: { model: 'm' }, value: 2 },
    ]);
  });
});
