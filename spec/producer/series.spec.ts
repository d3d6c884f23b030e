import { diag } from '@opentelemetry/api';
import { DataPointType, MeterProvider } from '@opentelemetry/sdk-metrics';
import { Observable } from 'rxjs';
import {
  CONCURRENT_REQUESTS,
  createInferenceTracker,
  type InferenceSink,
  REQUEST_DURATION,
  REQUESTS_TOTAL,
} from 'track-inference';
import { InferenceMetricProducer, type InferenceMetricProducerOptions } from 'track-inference/producer';
import { metricRows } from '../../lib/testing/metric-rows.js';
import { heardWarnings } from '../support/warnings.js';
import { Reader } from './support/setups.js';

let warnings: string[];
beforeEach(() => {
  warnings = heardWarnings();
});
afterEach(() => diag.disable());

function rig(options: InferenceMetricProducerOptions = {}) {
  const producer = new InferenceMetricProducer(options);
  const reader = new Reader([producer]);
  new MeterProvider({ readers: [reader] });
  const rows = async (name: string) => metricRows(await reader.read()).filter((row) => row.name === name);
  return { producer, reader, rows };
}

describe('the series of a producer', () => {
  it('are none before the first call, and come with no empty scope', async () => {
    const { producer, reader } = rig();
    createInferenceTracker({ sink: producer });
    expect((await reader.read()).scopeMetrics).toEqual([]);
  });

  it('are one for each status of the same labels, whichever comes first', async () => {
    const { producer, rows } = rig();
    const chat = createInferenceTracker({ sink: producer, now: () => 0 }).trackInference(
      async (asked: { model: string; status: string; signal: AbortSignal }) => {
        if (asked.status !== 'success') throw new Error(asked.status);
      },
      'chat',
    );
    const statuses = ['success', 'error', 'cancelled'];
    for (const [turn, model] of ['a', 'b', 'c'].entries()) {
      for (let i = 0; i < 3; i++) {
        const status = statuses[(i + turn) % 3] as string;
        const signal = status === 'cancelled' ? AbortSignal.abort() : new AbortController().signal;
        for (let count = 0; count <= statuses.indexOf(status); count++)
          await chat({ model, status, signal }).catch(() => {});
      }
    }
    const counted = (await rows(REQUEST_DURATION)).map(({ attributes, count }) => [
      attributes['model'],
      attributes['status'],
      count,
    ]);
    expect(counted.sort()).toEqual(
      ['a', 'b', 'c'].flatMap((model) => [
        [model, 'cancelled', 3],
        [model, 'error', 2],
        [model, 'success', 1],
      ]),
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1000])(
    'have no duration where the clock says %p',
    async (reading) => {
      const { producer, rows } = rig();
      const readings = [0, reading];
      createInferenceTracker({ sink: producer, now: () => readings.shift() ?? reading }).trackInference(() => {})();
      expect(await rows(REQUEST_DURATION)).toEqual([]);
      expect((await rows(REQUESTS_TOTAL)).map(({ value }) => value)).toEqual([0, 1]);
      expect((await rows(CONCURRENT_REQUESTS)).map(({ value }) => value)).toEqual([0]);
      expect(warnings).toEqual([]);
    },
  );

  it('have the duration of a call that took no time', async () => {
    const { producer, rows } = rig();
    createInferenceTracker({ sink: producer, now: () => 5 }).trackInference(() => {})();
    expect(await rows(REQUEST_DURATION)).toMatchObject([{ count: 1, sum: 0, min: 0, max: 0 }]);
  });

  it('take what is in flight back from a call that turned out to be no request', async () => {
    const { producer, rows } = rig();
    const { trackInference } = createInferenceTracker({ sink: producer });
    const make = trackInference(() => new Observable<string>((subscriber) => subscriber.next('a')), 'watch');
    const inFlight = async () =>
      (await rows(CONCURRENT_REQUESTS)).map(({ attributes, value }) => [attributes['stream'], value]);
    const watched = make();
    expect(await inFlight()).toEqual([[false, 0]]);
    expect(await rows(REQUESTS_TOTAL)).toEqual([]);
    const subscription = watched.subscribe();
    const asStream = [true, 1];
    expect(await inFlight()).toEqual([[false, 0], asStream]);
    subscription.unsubscribe();
    expect(await inFlight()).toEqual([
      [false, 0],
      [true, 0],
    ]);
  });

  it('recorded by hand go below zero for the requests in flight alone', async () => {
    const { producer, rows } = rig();
    createInferenceTracker({ sink: producer });
    producer.instrument(CONCURRENT_REQUESTS)?.add?.(-1);
    producer.instrument(CONCURRENT_REQUESTS)?.add?.(-Infinity);
    producer.instrument(REQUEST_DURATION)?.record?.(-2);
    expect(await rows(CONCURRENT_REQUESTS)).toEqual([{ name: CONCURRENT_REQUESTS, attributes: {}, value: -1 }]);
    expect(await rows(REQUEST_DURATION)).toEqual([]);
    expect(warnings).toEqual([
      `track-inference: ${CONCURRENT_REQUESTS}: dropped the value -Infinity`,
      `track-inference: ${REQUEST_DURATION}: dropped the value -2`,
    ]);
  });

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
    // Delta shows what is recorded anew: a series at zero comes once.
    const [one, other] = [rig({ temporality: 'delta' }), rig({ temporality: 'delta' })];
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
    for (const model of ['b', 'a', 'b']) chat({ model });
    for (const { rows } of [one, other]) {
      expect((await rows(REQUESTS_TOTAL)).map(({ attributes, value }) => [attributes['model'], value])).toEqual([
        ['a', 1],
        ['b', 2],
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
    expect((await rows(REQUEST_DURATION)).map(({ count }) => count).sort()).toEqual([...Array(300).fill(3), 300]);
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

  it('survive an instrument that throws, or that records nothing', async () => {
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
        { name: 'silent', kind: 'counter', unit: '', description: '', value: () => undefined },
        { name: 'empty', kind: 'counter', unit: '', description: '' },
      ],
    } as const;
    createInferenceTracker({ sink: producer, vocabularies: [broken] }).trackInference(() => {}, 'chat')();
    expect((await rows(REQUESTS_TOTAL)).map(({ value }) => value)).toEqual([0, 1]);
    for (const name of ['broken', 'silent', 'empty']) expect(await rows(name)).toEqual([]);
    expect(warnings).toEqual(['track-inference: broken: no']);
  });
});
