import { DataPointType, MeterProvider } from '@opentelemetry/sdk-metrics';
import { createInferenceTracker, type InferenceSink, REQUEST_DURATION, REQUESTS_TOTAL } from 'track-inference';
import { InferenceMetricProducer } from 'track-inference/producer';
import { metricRows } from '../../lib/testing/metric-rows.js';
import { Reader } from './support/setups.js';

function rig() {
  const producer = new InferenceMetricProducer();
  const reader = new Reader([producer]);
  new MeterProvider({ readers: [reader] });
  const rows = async (name: string) => metricRows(await reader.read()).filter((row) => row.name === name);
  return { producer, reader, rows };
}

describe('the series of a producer', () => {
  it('are shared by trackers whose calls have the same attributes', async () => {
    const { producer, rows } = rig();
    for (const tracker of [createInferenceTracker({ sink: producer }), createInferenceTracker({ sink: producer })]) {
      tracker.trackInference(() => {}, 'chat')();
    }
    const attributes = { endpoint_type: 'chat', stream: false };
    expect(await rows(REQUESTS_TOTAL)).toEqual([
      { name: REQUESTS_TOTAL, attributes: { ...attributes, status: 'error' }, value: 0 },
      { name: REQUESTS_TOTAL, attributes: { ...attributes, status: 'success' }, value: 2 },
    ]);
  });

  it('are right where a tracker records into two producers at once', async () => {
    const [one, other] = [rig(), rig()];
    const each = <T>(use: (sink: InferenceSink) => T): T[] => [one.producer, other.producer].map(use);
    const both: InferenceSink = {
      prepare: (...args) => void each((sink) => sink.prepare(...args)),
      entered: (...args) => each((sink) => sink.entered(...args)),
      moved: (_ticket, ...args) => void each((sink) => sink.moved(sink, ...args)),
      settled: (_ticket, call) => void each((sink) => sink.settled(sink, call)),
      withdrawn: (_ticket, ...args) => void each((sink) => sink.withdrawn(sink, ...args)),
      instrument: (name) => one.producer.instrument(name),
    };
    const chat = createInferenceTracker({ sink: both }).trackInference((_request: { model: string }) => {}, 'chat');
    for (const model of ['a', 'b', 'a']) chat({ model });
    for (const { rows } of [one, other]) {
      expect((await rows(REQUESTS_TOTAL)).map(({ attributes, value }) => [attributes['model'], value])).toEqual([
        ['a', 0],
        ['a', 2],
        ['b', 0],
        ['b', 1],
      ]);
    }
  });

  it('are as many as label limits admit, each in its own row', async () => {
    const { producer, rows } = rig();
    const chat = createInferenceTracker({ sink: producer, labelLimits: { model: 300 } }).trackInference(
      (_request: { model: string }) => {},
      'chat',
    );
    for (let round = 1; round <= 3; round++) for (let i = 0; i < 400; i++) chat({ model: `model-${i}` });
    const counted = new Map((await rows(REQUESTS_TOTAL)).map(({ attributes, value }) => [attributes, value]));
    const bySuccess = [...counted].filter(([{ status }]) => status === 'success');
    expect(bySuccess.filter(([{ model }]) => model !== '_other').map(([, value]) => value)).toEqual(Array(300).fill(3));
    expect(bySuccess.find(([{ model }]) => model === '_other')?.[1]).toBe(300);
  });

  it('recorded by hand meet those of tracked calls, whatever the order of their attributes', async () => {
    const { producer, rows } = rig();
    createInferenceTracker({ sink: producer }).trackInference(() => {}, 'chat')();
    producer.instrument(REQUESTS_TOTAL)?.add?.(4, { status: 'success', stream: false, endpoint_type: 'chat' });
    expect((await rows(REQUESTS_TOTAL)).map(({ value }) => value)).toEqual([0, 5]);
  });

  it('recorded by hand keep the attributes of their moment', async () => {
    const { producer, rows } = rig();
    createInferenceTracker({ sink: producer });
    const attributes = { model: 'before' };
    producer.instrument(REQUEST_DURATION)?.record?.(1, attributes);
    attributes.model = 'after';
    expect((await rows(REQUEST_DURATION))[0]?.attributes).toEqual({ model: 'before' });
  });

  it('recorded by hand stop at 2,000, with one for all further attributes', async () => {
    const { producer, rows } = rig();
    createInferenceTracker({ sink: producer });
    for (let i = 0; i < 2500; i++) producer.instrument(REQUESTS_TOTAL)?.add?.(1, { user: i });
    producer.instrument(REQUESTS_TOTAL)?.add?.(1, { user: 7 });
    const all = await rows(REQUESTS_TOTAL);
    expect(all).toHaveLength(2000);
    expect(all.find(({ attributes }) => attributes['user'] === 7)?.value).toBe(2);
    expect(all.at(-1)).toEqual({ name: REQUESTS_TOTAL, attributes: { 'otel.metric.overflow': true }, value: 501 });
  });

  it.each([
    ['a counter below zero', REQUESTS_TOTAL, 'add', -1],
    ['an infinite duration', REQUEST_DURATION, 'record', Infinity],
  ] as const)('take no %s by hand', async (_what, name, method, value) => {
    const { producer, rows } = rig();
    createInferenceTracker({ sink: producer });
    producer.instrument(name)?.[method]?.(value);
    expect(await rows(name)).toEqual([]);
  });

  it('fall into the bucket whose upper boundary they do not exceed', async () => {
    const { producer, reader } = rig();
    createInferenceTracker({ sink: producer, buckets: { requestDuration: [1, 2, 4] } });
    for (const value of [0, 1, 1.5, 2, 4, 4.5, 100]) producer.instrument(REQUEST_DURATION)?.record?.(value);
    const metric = (await reader.read()).scopeMetrics[0]?.metrics[0];
    if (metric?.dataPointType !== DataPointType.HISTOGRAM) throw new Error('no histogram');
    expect(metric.dataPoints[0]?.value.buckets).toEqual({ boundaries: [1, 2, 4], counts: [2, 2, 1, 2] });
  });

  it('survive an instrument that throws', async () => {
    const { producer, rows } = rig();
    const broken = {
      meter: 'mine',
      settled: [
        {
          name: 'broken',
          kind: 'counter',
          unit: '',
          description: '',
          value: () => {
            throw new Error('no');
          },
        },
      ],
    } as const;
    createInferenceTracker({ sink: producer, vocabularies: [broken] }).trackInference(() => {}, 'chat')();
    expect((await rows(REQUESTS_TOTAL)).map(({ value }) => value)).toEqual([0, 1]);
    expect(await rows('broken')).toEqual([]);
  });
});
