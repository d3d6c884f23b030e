import { diag } from '@opentelemetry/api';
import {
  CONCURRENT_REQUESTS,
  concurrentRequests,
  createMetricAttributes,
  type InferenceSink,
  inferenceDuration,
  REQUEST_DURATION,
  REQUESTS_TOTAL,
  requestDuration,
  requestsTotal,
  timeToFirstToken,
  tokensPerSecond,
} from 'track-inference';
import { createTestTracker } from 'track-inference/testing';
import { heardWarnings } from '../support/warnings.js';

let warnings: string[];
beforeEach(() => {
  warnings = heardWarnings();
});
afterEach(() => diag.disable());

describe('the exported instruments', () => {
  it('record where the default tracker records, wherever they were imported', async () => {
    const tracker = createTestTracker();
    const attributes = createMetricAttributes({
      model: 'm',
      provider: 'p',
      endpointType: 'chat_completion',
      stream: false,
      status: 'success',
    });
    requestsTotal.add(1, attributes);
    requestDuration.record(1.5, attributes);
    concurrentRequests.add(1, attributes);
    concurrentRequests.add(-1, attributes);
    tokensPerSecond.record(40, attributes);
    inferenceDuration.record(1.2, attributes);
    timeToFirstToken.record(0.2, attributes);
    expect((await tracker.rows()).map(({ name, value, sum }) => [name.split('.').at(-1), value ?? sum])).toEqual([
      ['concurrent_requests', 0],
      ['requests_total', 1],
      ['request_duration_seconds', 1.5],
      ['tokens_per_second', 40],
      ['inference_duration_seconds', 1.2],
      ['time_to_first_token_seconds', 0.2],
    ]);
    expect((await tracker.rows('requests_total'))[0]?.attributes).toEqual({
      model: 'm',
      provider: 'p',
      endpoint_type: 'chat_completion',
      stream: false,
      status: 'success',
    });
    await tracker.dispose();
  });

  it('begin the very series that tracked calls go on with', async () => {
    const { dispose, rows, trackInference } = createTestTracker();
    const input = { model: 'm', endpointType: 'chat_completion', stream: false, status: 'error' } as const;
    requestsTotal.add(0, createMetricAttributes(input));
    expect((await rows('requests_total')).map(({ value }) => value)).toEqual([0]);
    const fails = trackInference((_: { model: string }) => Promise.reject(new Error('no')), 'chat_completion');
    await expect(fails({ model: 'm' })).rejects.toThrow('no');
    expect((await rows('requests_total')).map(({ value }) => value)).toEqual([1]);
    await dispose();
  });

  it('take zero, and any finite change of the requests in flight', async () => {
    const tracker = createTestTracker();
    requestDuration.record(0);
    concurrentRequests.add(-2.5);
    expect(await tracker.rows()).toEqual([
      { name: CONCURRENT_REQUESTS, attributes: {}, value: -2.5 },
      { name: REQUEST_DURATION, attributes: {}, count: 1, sum: 0, min: 0, max: 0 },
    ]);
    expect(warnings).toEqual([]);
    await tracker.dispose();
  });

  it('drop what would spoil a series, and say so', async () => {
    const tracker = createTestTracker();
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -1, '5' as unknown as number]) {
      requestsTotal.add(value);
      requestDuration.record(value);
    }
    concurrentRequests.add(Number.NaN);
    concurrentRequests.add(Number.NEGATIVE_INFINITY);
    expect(await tracker.rows()).toEqual([]);
    const dropped = (name: string, value: string, takes: string) =>
      `track-inference: ${name}: dropped the value ${value}; it takes ${takes}`;
    expect(warnings).toEqual([
      ...['NaN', 'Infinity', '-1', '5'].flatMap((value) => [
        dropped(REQUESTS_TOTAL, value, 'zero or more'),
        dropped(REQUEST_DURATION, value, 'zero or more'),
      ]),
      dropped(CONCURRENT_REQUESTS, 'NaN', 'finite numbers'),
      dropped(CONCURRENT_REQUESTS, '-Infinity', 'finite numbers'),
    ]);
    await tracker.dispose();
  });

  it('do nothing while no provider is set', () => {
    requestsTotal.add(1);
    requestDuration.record(1);
    expect(warnings).toEqual([]);
  });

  it('do nothing over a sink that has no such instruments, and report one that throws', async () => {
    const sinkWith = (instrument: InferenceSink['instrument']): InferenceSink => ({
      prepare() {},
      entered: () => undefined,
      moved() {},
      settled() {},
      withdrawn() {},
      instrument,
    });
    const find = (name: string) => {
      if (name === REQUESTS_TOTAL) throw new Error('the sink has none');
      return name === REQUEST_DURATION ? {} : undefined;
    };
    const tracker = createTestTracker({ sink: sinkWith(find) });
    requestsTotal.add(1);
    requestDuration.record(1);
    concurrentRequests.add(1);
    expect(warnings).toEqual([`track-inference: ${REQUESTS_TOTAL}: the sink has none`]);
    await tracker.dispose();
    const empty = createTestTracker({ sink: sinkWith(() => ({})) });
    requestsTotal.add(1);
    expect(warnings).toHaveLength(1);
    await empty.dispose();
  });
});

describe('createMetricAttributes', () => {
  it('leaves unknown values out', () => {
    expect(createMetricAttributes({ model: '', provider: undefined, endpointType: 'chat' })).toStrictEqual({
      endpoint_type: 'chat',
    });
    expect(createMetricAttributes({ endpointType: '', provider: '' })).toStrictEqual({});
    expect(createMetricAttributes({})).toStrictEqual({});
  });
});
