import {
  concurrentRequests,
  createMetricAttributes,
  inferenceDuration,
  requestDuration,
  requestsTotal,
  timeToFirstToken,
  tokensPerSecond,
} from 'track-inference';
import { createTestTracker } from 'track-inference/testing';

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
    const fails = trackInference((_: { model: string }) => Promise.reject(new Error('no')), 'chat_completion');
    await expect(fails({ model: 'm' })).rejects.toThrow('no');
    expect((await rows('requests_total')).map(({ value }) => value)).toEqual([1]);
    await dispose();
  });

  it('drop what would spoil a series', async () => {
    const tracker = createTestTracker();
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -1, '5' as unknown as number]) {
      requestsTotal.add(value);
      requestDuration.record(value);
    }
    concurrentRequests.add(Number.NaN);
    expect(await tracker.rows()).toEqual([]);
    await tracker.dispose();
  });

  it('do nothing while no provider is set', () => {
    expect(() => requestsTotal.add(1)).not.toThrow();
    expect(() => requestDuration.record(1)).not.toThrow();
  });
});

describe('createMetricAttributes', () => {
  it('leaves unknown values out', () => {
    expect(createMetricAttributes({ model: '', provider: undefined, endpointType: 'chat' })).toEqual({
      endpoint_type: 'chat',
    });
    expect(createMetricAttributes({})).toEqual({});
  });
});
