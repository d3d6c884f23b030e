import { jest } from '@jest/globals';
import {
  AggregationTemporality,
  InstrumentType,
  MeterProvider,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { createInferenceTracker } from 'track-inference';
import { InferenceMetricProducer } from 'track-inference/producer';
import { Reader } from './support/setups.js';

const START = 1_750_000_000_000;

beforeEach(() => {
  jest.useFakeTimers({ now: START, doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'setTimeout'] });
});
afterEach(() => {
  jest.useRealTimers();
});

function chatOver(producer: InferenceMetricProducer) {
  return createInferenceTracker({ sink: producer, now: () => Date.now() }).trackInference(
    (request: { model: string; milliseconds: number; fails?: boolean }) => {
      jest.advanceTimersByTime(request.milliseconds);
      if (request.fails) throw new Error('no');
    },
    { endpointType: 'chat' },
  );
}

/** The same calls, aggregated by the SDK; under OTLP's delta preference, up-down counters stay cumulative. */
function sdk(temporality: 'cumulative' | 'delta' = 'delta') {
  const reader = new Reader();
  Object.assign(reader, {
    selectAggregationTemporality: (type: InstrumentType) =>
      type === InstrumentType.UP_DOWN_COUNTER || temporality === 'cumulative'
        ? AggregationTemporality.CUMULATIVE
        : AggregationTemporality.DELTA,
  });
  const meterProvider = new MeterProvider({ readers: [reader] });
  const chat = createInferenceTracker({ meterProvider, now: () => Date.now() }).trackInference(
    (request: { model: string; milliseconds: number; fails?: boolean }) => {
      jest.advanceTimersByTime(request.milliseconds);
      if (request.fails) throw new Error('no');
    },
    { endpointType: 'chat' },
  );
  return { reader, chat };
}

function own(temporality: 'cumulative' | 'delta' = 'delta') {
  const producer = new InferenceMetricProducer({ temporality });
  const reader = new Reader([producer]);
  new MeterProvider({ readers: [reader] });
  return { reader, chat: chatOver(producer) };
}

/** The points of one instrument, by model: their times in seconds since the start, and their figures. */
function points(collected: ResourceMetrics, name: string) {
  const metric = collected.scopeMetrics
    .flatMap(({ metrics }) => metrics)
    .find(({ descriptor }) => descriptor.name.endsWith(name));
  return (metric?.dataPoints ?? []).map(({ attributes, startTime, endTime, value }) => ({
    model: attributes['model'],
    ...(attributes['status'] === 'success' || name === 'concurrent_requests' ? {} : { status: attributes['status'] }),
    from: startTime[0] - START / 1000,
    to: endTime[0] - START / 1000,
    value: typeof value === 'number' ? value : { count: value.count, sum: value.sum, min: value.min, max: value.max },
  }));
}

describe.each(['cumulative', 'delta'] as const)('what the producer hands over with temporality %s', (temporality) => {
  // Powers of two: sums come out the same in whatever order they are added up.
  const step = fc.oneof(
    fc.record({
      model: fc.constantFrom('a', 'b', 'c'),
      milliseconds: fc.constantFrom(0, 125, 250, 4000),
      fails: fc.boolean(),
    }),
    fc.record({ pause: fc.constantFrom(0, 500, 1000) }),
  );
  type Steps = readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[];

  async function collected({ reader, chat }: ReturnType<typeof own>, steps: Steps): Promise<unknown[]> {
    jest.setSystemTime(START);
    const all: unknown[] = [];
    for (const one of [...steps, { pause: 1 }]) {
      if ('model' in one) {
        try {
          chat(one);
        } catch {
          // What the caller of a failing one gets.
        }
        continue;
      }
      jest.advanceTimersByTime(one.pause);
      const read = await reader.read();
      for (const { metrics } of read.scopeMetrics) {
        for (const { descriptor, aggregationTemporality, dataPoints } of metrics) {
          const ordered = (dataPoints as object[]).map((point) => JSON.stringify(point)).sort();
          all.push({ name: descriptor.name, aggregationTemporality, ordered });
        }
      }
    }
    return all;
  }

  it('is what the SDK makes of the same calls, point by point, times included', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        expect(await collected(own(temporality), steps)).toEqual(await collected(sdk(temporality), steps));
      }),
      { numRuns: 60 },
    );
  });
});

describe('cumulative temporality', () => {
  it('serves several readers alike, each series from its first record on', async () => {
    const producer = new InferenceMetricProducer();
    const [one, other] = [new Reader([producer]), new Reader([producer])];
    new MeterProvider({ readers: [one, other] });
    const chat = chatOver(producer);
    chat({ model: 'a', milliseconds: 2000 });
    await one.read();
    chat({ model: 'b', milliseconds: 1000 });
    chat({ model: 'a', milliseconds: 4000 });
    const expected = [
      { model: 'a', from: 2, to: 7, value: { count: 2, sum: 6, min: 2, max: 4 } },
      { model: 'b', from: 3, to: 7, value: { count: 1, sum: 1, min: 1, max: 1 } },
    ];
    expect(points(await one.read(), 'request_duration_seconds')).toEqual(expected);
    expect(points(await other.read(), 'request_duration_seconds')).toEqual(expected);
  });

  it('states times to the nanosecond, one object for what shares an instant', async () => {
    const producer = new InferenceMetricProducer();
    const reader = new Reader([producer]);
    new MeterProvider({ readers: [reader] });
    const chat = chatOver(producer);
    chat({ model: 'a', milliseconds: 1250 });
    jest.advanceTimersByTime(7);
    const points = (await reader.read()).scopeMetrics
      .flatMap(({ metrics }) => metrics)
      .flatMap(({ descriptor, dataPoints }) =>
        dataPoints.map(({ startTime, endTime }) => ({ name: descriptor.name, startTime, endTime })),
      );
    const begun = START / 1000;
    expect(points.find(({ name }) => name.endsWith('concurrent_requests'))?.startTime).toEqual([begun, 0]);
    const settled = points.filter(({ name }) => !name.endsWith('concurrent_requests'));
    expect(settled.map(({ startTime }) => startTime)).toEqual(Array(4).fill([begun + 1, 250_000_000]));
    expect(points.map(({ endTime }) => endTime)).toEqual(Array(5).fill([begun + 1, 257_000_000]));
    expect(new Set(points.map(({ endTime }) => endTime)).size).toBe(1);
  });

  it('keeps the least and the greatest in whatever order they come', async () => {
    const producer = new InferenceMetricProducer();
    const reader = new Reader([producer]);
    new MeterProvider({ readers: [reader] });
    const chat = chatOver(producer);
    for (const milliseconds of [4000, 1000, 2000]) chat({ model: 'a', milliseconds });
    expect(points(await reader.read(), 'request_duration_seconds')).toMatchObject([
      { value: { count: 3, sum: 7, min: 1, max: 4 } },
    ]);
  });

  it('hands out figures that later records do not change', async () => {
    const producer = new InferenceMetricProducer();
    const reader = new Reader([producer]);
    new MeterProvider({ readers: [reader] });
    const chat = chatOver(producer);
    chat({ model: 'a', milliseconds: 2000 });
    const before = await reader.read();
    const text = JSON.stringify(before);
    chat({ model: 'a', milliseconds: 4000 });
    await reader.read();
    expect(JSON.stringify(before)).toBe(text);
  });

  it('keeps the resource of the MeterProvider', async () => {
    const producer = new InferenceMetricProducer();
    const reader = new Reader([producer]);
    new MeterProvider({ readers: [reader] });
    chatOver(producer)({ model: 'a', milliseconds: 1 });
    const { resource } = await reader.read();
    expect(resource.attributes['telemetry.sdk.name']).toBe('opentelemetry');
    const alone = (await producer.collect()).resourceMetrics.resource;
    expect(alone.merge(resource)).toBe(resource);
    expect(alone.merge(null).getRawAttributes()).toEqual([]);
  });
});

describe('delta temporality', () => {
  async function rounds({ reader, chat }: ReturnType<typeof own>): Promise<unknown[]> {
    jest.setSystemTime(START);
    const collected: unknown[] = [];
    for (const models of [['a'], ['a', 'b'], [], ['b', 'a', 'a']]) {
      for (const model of models) chat({ model, milliseconds: 1000 });
      jest.advanceTimersByTime(3000);
      const read = await reader.read();
      for (const name of ['requests_total', 'request_duration_seconds', 'concurrent_requests']) {
        const ordered = points(read, name).sort((x, y) => (JSON.stringify(x) < JSON.stringify(y) ? -1 : 1));
        collected.push({ name, points: ordered });
      }
    }
    return collected;
  }

  it('hands over what came since the latest collection, with the start times of the SDK', async () => {
    const collected = await rounds(own());
    expect(collected).toEqual(await rounds(sdk()));
    expect(collected).toContainEqual({
      name: 'request_duration_seconds',
      points: [
        { model: 'a', from: 4, to: 9, value: { count: 1, sum: 1, min: 1, max: 1 } },
        { model: 'b', from: 6, to: 9, value: { count: 1, sum: 1, min: 1, max: 1 } },
      ],
    });
  });

  it('marks its data as delta, and the count of requests in flight as cumulative', async () => {
    const { reader, chat } = own();
    chat({ model: 'a', milliseconds: 1 });
    const temporalities = (await reader.read()).scopeMetrics
      .flatMap(({ metrics }) => metrics)
      .map(({ descriptor, aggregationTemporality }) => [
        descriptor.name.replace(/.*\./, ''),
        AggregationTemporality[aggregationTemporality],
      ]);
    expect(temporalities).toEqual([
      ['concurrent_requests', 'CUMULATIVE'],
      ['requests_total', 'DELTA'],
      ['request_duration_seconds', 'DELTA'],
      ['inference_duration_seconds', 'DELTA'],
    ]);
  });
});
