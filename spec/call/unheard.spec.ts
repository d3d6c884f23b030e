import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  CONCURRENT_REQUESTS,
  createInferenceTracker,
  currentInference,
  type InferenceSink,
  REQUEST_DURATION,
  REQUESTS_TOTAL,
  TOKENS_PER_SECOND,
  withUsage,
} from 'track-inference';
import { completion, text, usage } from '../support/chunks.js';

const reader = () =>
  new PeriodicExportingMetricReader({
    exporter: new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE),
    exportIntervalMillis: 2 ** 30,
  });

/** The series of that name that are not zero: labels, and the value or the sum. */
async function series(from: PeriodicExportingMetricReader, name: string): Promise<object[]> {
  const { resourceMetrics } = await from.collect();
  return resourceMetrics.scopeMetrics
    .flatMap(({ metrics }) => metrics)
    .filter(({ descriptor }) => descriptor.name === name)
    .flatMap(({ dataPoints }) =>
      dataPoints.map(({ attributes, value }) => ({
        ...attributes,
        value: typeof value === 'object' ? (value as { sum: number }).sum : value,
      })),
    )
    .filter(({ value }) => value !== 0);
}

let now = 0;
const pass = (milliseconds: number) => {
  now += milliseconds;
};
const tracker = createInferenceTracker({ provider: 'acme', now: () => now });

/** The application sets its MeterProvider, at last. */
function listen(): PeriodicExportingMetricReader {
  const own = reader();
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [own] }));
  return own;
}

afterEach(() => metrics.disable());

describe('a call that begins before a MeterProvider is set', () => {
  const labels = { model: 'm', provider: 'acme', endpoint_type: 'chat', stream: false };

  it('is counted once if one is set before it settles, from its entry on, and was never in flight', async () => {
    let own: PeriodicExportingMetricReader | undefined;
    const answer = completion(8, 32);
    const chat = tracker.trackInference(async (_request: object) => {
      pass(500);
      await null;
      own = listen();
      pass(1500);
      return answer;
    }, 'chat');
    expect(await chat({ model: 'm' })).toBe(answer);
    const settled = { ...labels, status: 'success' };
    expect(await series(own as never, REQUESTS_TOTAL)).toEqual([{ ...settled, value: 1 }]);
    expect(await series(own as never, REQUEST_DURATION)).toEqual([{ ...settled, value: 2 }]);
    expect(await series(own as never, TOKENS_PER_SECOND)).toEqual([{ ...settled, value: 20 }]);
    expect(await series(own as never, CONCURRENT_REQUESTS)).toEqual([]);
  });

  it.each([
    [
      'a rejection',
      async () => {
        await null;
        const own = listen();
        throw Object.assign(new Error('no'), { own });
      },
    ],
    [
      'a throw',
      () => {
        throw Object.assign(new Error('no'), { own: listen() });
      },
    ],
  ])('is an error then, after %s, and the caller gets its own error', async (_, method) => {
    const chat = tracker.trackInference(method as (request: object) => unknown, 'chat');
    const error = await (async () => chat({ model: 'm' }))().then(
      () => Promise.reject(new Error('it did not fail')),
      (caught: Error & { own: PeriodicExportingMetricReader }) => caught,
    );
    expect(error.message).toBe('no');
    expect(await series(error.own, REQUESTS_TOTAL)).toEqual([{ ...labels, status: 'error', value: 1 }]);
  });

  it('is counted with what code inside said of it meanwhile', async () => {
    let own: PeriodicExportingMetricReader | undefined;
    const chat = tracker.trackInference(async (_request: object) => {
      currentInference()?.setProvider('other');
      currentInference()?.reportUsage({ totalTokens: 30 });
      pass(1000);
      await null;
      own = listen();
      return 'answer';
    }, 'chat');
    expect(await chat({ model: 'm' })).toBe('answer');
    const settled = { ...labels, provider: 'other', status: 'success' };
    expect(await series(own as never, TOKENS_PER_SECOND)).toEqual([{ ...settled, value: 30 }]);
    expect(await series(own as never, CONCURRENT_REQUESTS)).toEqual([]);
  });

  it('is not counted in flight, though code inside asks for it when somebody listens', async () => {
    let own: PeriodicExportingMetricReader | undefined;
    let answer = (_: string) => {};
    const chat = tracker.trackInference((_request: object) => {
      own = listen();
      currentInference()?.setProvider('other');
      return new Promise<string>((resolve) => (answer = resolve));
    }, 'chat');
    const promise = chat({ model: 'm' });
    expect(await series(own as never, CONCURRENT_REQUESTS)).toEqual([]);
    answer('answer');
    expect(await promise).toBe('answer');
    const settled = { ...labels, provider: 'other', status: 'success' };
    expect(await series(own as never, REQUESTS_TOTAL)).toEqual([{ ...settled, value: 1 }]);
    expect(await series(own as never, CONCURRENT_REQUESTS)).toEqual([]);
  });

  it('is one request with the calls inside', async () => {
    let own: PeriodicExportingMetricReader | undefined;
    const inner = tracker.trackInference(async () => {
      await null;
      own = listen();
      return completion(8, 32);
    }, 'inner');
    const outer = tracker.trackInference((_request: object) => inner(), 'chat');
    await outer({ model: 'm' });
    expect(await series(own as never, REQUESTS_TOTAL)).toEqual([{ ...labels, status: 'success', value: 1 }]);
  });

  it('is counted as the stream that it gives', async () => {
    const chat = tracker.trackInference(async function* (_request: object) {
      yield text('a');
      pass(250);
      yield usage(8, 56);
    }, 'chat');
    const stream = chat({ model: 'm' });
    await stream.next();
    const own = listen();
    while (!(await stream.next()).done);
    const settled = { ...labels, stream: true, status: 'success' };
    expect(await series(own, REQUEST_DURATION)).toEqual([{ ...settled, value: 0.25 }]);
    expect(await series(own, CONCURRENT_REQUESTS)).toEqual([]);
  });
});

describe('a call of which nobody ever hears', () => {
  it('asks nothing of its options but whether it is enabled', async () => {
    const asked: string[] = [];
    const say = (name: string, value: unknown) => () => {
      asked.push(name);
      return value as never;
    };
    const chat = tracker.trackInference(async () => 'answer', {
      enabled: say('enabled', true),
      model: say('model', 'm'),
      provider: say('provider', 'p'),
      endpointType: say('endpointType', 'e'),
      attributes: say('attributes', {}),
      usage: say('usage', undefined),
    });
    expect(await chat()).toBe('answer');
    expect(asked).toEqual(['enabled']);
  });

  it('gives every kind of result as it is', async () => {
    class Thenable {
      // biome-ignore lint/suspicious/noThenProperty: it is a thenable that is tried here.
      then(resolve: (value: string) => void) {
        resolve('late');
      }
    }
    const thenable = new Thenable();
    const results = ['text', 0, undefined, null, { choices: [] }, [1], new Map(), Symbol.for('x')];
    for (const result of results) {
      expect(tracker.trackInference(() => result, 'chat')()).toBe(result);
      expect(await tracker.trackInference(async () => result, 'chat')()).toBe(result);
    }
    expect(await tracker.trackInference(() => thenable, 'chat')()).toBe('late');
    const hostile = new Proxy({}, { get: () => { throw new Error('hands off'); } }); // biome-ignore format: one line
    expect(tracker.trackInference(() => hostile, 'chat')()).toBe(hostile);
  });

  it('takes no wrapper that mimics an async function for one', async () => {
    const shared = Object.assign(Promise.resolve('shared'), { own: true });
    for (const result of [undefined, 'text', shared]) {
      const wrapper = () => result;
      Object.setPrototypeOf(
        wrapper,
        Object.getPrototypeOf(async () => {}),
      );
      expect(tracker.trackInference(wrapper, 'chat')()).toBe(result);
      const settled: unknown[] = [];
      const heard = createInferenceTracker({ onSettled: ({ attributes }) => void settled.push(attributes['status']) });
      const given = heard.trackInference(wrapper, 'chat')();
      expect(given).toBe(result);
      await given;
      expect(settled).toEqual(['success']);
    }
  });

  it('hides the usage chunk that withUsage asked for, all the same', async () => {
    const chat = tracker.trackInference(async (request: { model: string; stream: true }) => {
      withUsage(request);
      return (async function* () {
        yield text('a');
        yield usage(8, 56);
      })();
    }, 'chat');
    const seen: unknown[] = [];
    for await (const chunk of await chat({ model: 'm', stream: true })) seen.push(chunk);
    expect(seen).toEqual([text('a')]);
  });

  it('leaves a request alone whose sink fails when it is asked', async () => {
    const broken = () => {
      throw new Error('broken');
    };
    const sink: InferenceSink = {
      prepare: () => {},
      entered: broken,
      moved: broken,
      settled: broken,
      withdrawn: broken,
      isListening: broken,
      instrument: broken,
    };
    const chat = createInferenceTracker({ sink }).trackInference(async () => 'answer', 'chat');
    expect(await chat()).toBe('answer');
    expect(await chat()).toBe('answer');
  });

  it('is heard by onSettled, though there is no MeterProvider', async () => {
    const settled: unknown[] = [];
    const own = createInferenceTracker({ now: () => now, onSettled: (record) => void settled.push(record) });
    await own.trackInference(async () => 'answer', 'chat')();
    expect(settled).toMatchObject([{ attributes: { endpoint_type: 'chat', status: 'success' } }]);
  });
});
