import { type Attributes, type Context, createContextKey, diag, metrics, ROOT_CONTEXT } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  MetricReader,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { CONCURRENT_REQUESTS, createInferenceTracker, REQUEST_DURATION, REQUESTS_TOTAL } from 'track-inference';
import { VERSION } from '../../lib/version.js';
import { collectUntil } from '../support/collect-garbage.js';
import { heardWarnings } from '../support/warnings.js';

class Reader extends MetricReader {
  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}
}

/** The real SDK, with an ear at what its counters are told. */
function listenedTo(readers: MetricReader[] = [new Reader()]) {
  const provider = new MeterProvider({ readers });
  const told: { name: string; value: number; status: unknown; context: Context | undefined }[] = [];
  const getMeter: MeterProvider['getMeter'] = (...scope) => {
    const meter = provider.getMeter(...scope);
    for (const make of ['createCounter', 'createUpDownCounter'] as const) {
      const original = meter[make].bind(meter);
      meter[make] = (name: string, options?: object) => {
        const counter = original(name, options);
        const add = counter.add.bind(counter);
        counter.add = (value: number, attributes?: Attributes, context?: Context) => {
          told.push({ name, value, status: attributes?.['status'], context });
          add(value, attributes, context);
        };
        return counter;
      };
    }
    return meter;
  };
  const values = (name: string) => told.filter((one) => one.name === name).map(({ value }) => value);
  return { provider: { getMeter }, sdk: provider, readers, told, values };
}

/** What a reader gets: each series of that name by its status, its value or how many values it has. */
async function read(reader: MetricReader | undefined, name: string): Promise<Record<string, unknown>> {
  const { resourceMetrics, errors } = await (reader as MetricReader).collect();
  expect(errors).toEqual([]);
  return Object.fromEntries(
    resourceMetrics.scopeMetrics
      .flatMap(({ metrics }) => metrics)
      .filter(({ descriptor }) => descriptor.name === name)
      .flatMap(({ dataPoints }) =>
        dataPoints.map(({ attributes, value }) => [
          String(attributes['status'] ?? 'in flight'),
          typeof value === 'object' ? value.count : value,
        ]),
      ),
  );
}

const turnEnd = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('counts', () => {
  it('are told once for many requests, when a reader collects', async () => {
    const { provider, readers, values } = listenedTo();
    const answer = createInferenceTracker({ meterProvider: provider }).trackInference(() => 'yes', 'chat');
    for (let i = 0; i < 1000; i++) answer();
    // The first of a series as it comes, the zero of its errors among them.
    expect(values(REQUESTS_TOTAL)).toEqual([0, 1]);
    expect(values(CONCURRENT_REQUESTS)).toEqual([1]);
    expect(await read(readers[0], REQUESTS_TOTAL)).toEqual({ error: 0, success: 1000 });
    expect(values(REQUESTS_TOTAL)).toEqual([0, 1, 999]);
    expect(values(CONCURRENT_REQUESTS)).toEqual([1, -1]);
    await turnEnd();
    for (let i = 0; i < 10; i++) answer();
    expect(await read(readers[0], REQUESTS_TOTAL)).toEqual({ error: 0, success: 1010 });
    expect(values(REQUESTS_TOTAL)).toEqual([0, 1, 999, 1, 9]);
    expect(await read(readers[0], CONCURRENT_REQUESTS)).toEqual({ 'in flight': 0 });
  });

  it('are what is in flight at the moment of each collection', async () => {
    const { provider, readers } = listenedTo();
    const release: (() => void)[] = [];
    const wait = createInferenceTracker({ meterProvider: provider }).trackInference(
      () => new Promise<void>((resolve) => release.push(resolve)),
      'chat',
    );
    const open = [wait(), wait(), wait()];
    expect(await read(readers[0], CONCURRENT_REQUESTS)).toEqual({ 'in flight': 3 });
    release[0]?.();
    await open[0];
    expect(await read(readers[0], CONCURRENT_REQUESTS)).toEqual({ 'in flight': 2 });
    await turnEnd();
    release[1]?.();
    release[2]?.();
    await Promise.all(open);
    expect(await read(readers[0], CONCURRENT_REQUESTS)).toEqual({ 'in flight': 0 });
  });

  it('are the same to every reader, cumulative or delta', async () => {
    const delta = new InMemoryMetricExporter(AggregationTemporality.DELTA);
    const periodic = new PeriodicExportingMetricReader({ exporter: delta, exportIntervalMillis: 2 ** 30 });
    const { provider, readers } = listenedTo([new Reader(), periodic]);
    const answer = createInferenceTracker({ meterProvider: provider }).trackInference(() => 'yes', 'chat');
    for (let i = 0; i < 5; i++) answer();
    expect(await read(readers[0], REQUESTS_TOTAL)).toEqual({ error: 0, success: 5 });
    for (let i = 0; i < 7; i++) answer();
    expect(await read(periodic, REQUESTS_TOTAL)).toEqual({ error: 0, success: 12 });
    for (let i = 0; i < 2; i++) answer();
    expect(await read(periodic, REQUESTS_TOTAL)).toEqual({ success: 2 });
    expect(await read(readers[0], REQUESTS_TOTAL)).toEqual({ error: 0, success: 14 });
  });

  it('are in the same collection as the durations, for a request that settles while a reader collects', async () => {
    const { provider, readers, sdk } = listenedTo();
    const answer = createInferenceTracker({ meterProvider: provider }).trackInference(async () => 'yes', 'chat');
    await answer();
    await answer();
    // An asynchronous callback of the application holds the collection up, and a request settles meanwhile.
    sdk
      .getMeter('llama_stack.inference', VERSION)
      .createObservableGauge('application')
      .addCallback(async (result) => {
        await answer();
        await answer();
        result.observe(1);
      });
    const [reader] = readers;
    const { resourceMetrics } = await (reader as MetricReader).collect();
    const counted = resourceMetrics.scopeMetrics
      .flatMap(({ metrics }) => metrics)
      .filter(({ descriptor }) => [REQUESTS_TOTAL, REQUEST_DURATION, CONCURRENT_REQUESTS].includes(descriptor.name))
      .flatMap(({ descriptor, dataPoints }) =>
        dataPoints
          .filter(({ attributes }) => attributes['status'] !== 'error')
          .map(({ value }) => [descriptor.name, typeof value === 'object' ? value.count : value]),
      );
    expect(Object.fromEntries(counted)).toEqual({
      [CONCURRENT_REQUESTS]: 0,
      [REQUESTS_TOTAL]: 4,
      [REQUEST_DURATION]: 4,
    });
  });

  it('are told as they come, with their context, where a request has one of its own', async () => {
    const { provider, told, values } = listenedTo();
    const answer = createInferenceTracker({ meterProvider: provider }).trackInference(() => 'yes', 'chat');
    const own = ROOT_CONTEXT.setValue(createContextKey('request'), 1);
    const { context } = await import('@opentelemetry/api');
    context.setGlobalContextManager({
      active: () => own,
      with: (_, fn, self, ...args) => fn.call(self as never, ...args),
      bind: (_, target) => target,
      enable: () => context as never,
      disable: () => context as never,
    });
    try {
      answer();
      answer();
    } finally {
      context.disable();
    }
    expect(values(REQUESTS_TOTAL)).toEqual([0, 1, 1]);
    expect(values(CONCURRENT_REQUESTS)).toEqual([1, -1, 1, -1]);
    expect(new Set(told.map((one) => one.context))).toEqual(new Set([own]));
  });

  it('are told at shutdown', async () => {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const { provider, sdk } = listenedTo([
      new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 30 }),
    ]);
    let last: unknown;
    const send = exporter.export.bind(exporter);
    exporter.export = (collected, done) => {
      last = collected.scopeMetrics
        .flatMap(({ metrics }) => metrics)
        .find(({ descriptor }) => descriptor.name === REQUESTS_TOTAL)
        ?.dataPoints.map(({ value }) => value);
      send(collected, done);
    };
    const answer = createInferenceTracker({ meterProvider: provider }).trackInference(() => 'yes', 'chat');
    for (let i = 0; i < 20; i++) answer();
    await sdk.shutdown();
    expect(last).toEqual([0, 20]);
  });

  it('are told as they come by a meter that knows no observable instruments, or does nothing with them', async () => {
    const { provider: real, readers } = listenedTo();
    const noop = metrics.getMeter('none').createObservableGauge('none');
    const broken = () => {
      throw new Error('not implemented');
    };
    for (const createObservableGauge of [undefined, broken, () => noop]) {
      const meterProvider = {
        getMeter: (name: string) =>
          Object.assign(Object.create(real.getMeter(name)) as ReturnType<typeof real.getMeter>, {
            createObservableGauge,
          }),
      };
      const answer = createInferenceTracker({ meterProvider }).trackInference(() => 'yes', 'chat');
      for (let i = 0; i < 3; i++) answer();
    }
    // Whatever had been put off would be missing: nobody calls back.
    expect(await read(readers[0], REQUESTS_TOTAL)).toEqual({ error: 0, success: 9 });
  });

  it('leave nothing behind on the MeterProvider of a tracker that is gone', async () => {
    const { provider, readers, sdk } = listenedTo();
    let gone = 0;
    const collected = new FinalizationRegistry(() => gone++);
    const use = () => {
      const tracker = createInferenceTracker({ meterProvider: { getMeter: (name) => sdk.getMeter(name) } });
      const answer = tracker.trackInference(() => 'yes', 'chat');
      answer();
      answer();
      collected.register(answer, undefined);
    };
    for (let i = 0; i < 3; i++) use();
    expect(provider).toBeDefined();
    expect(await read(readers[0], REQUESTS_TOTAL)).toEqual({ error: 0, success: 6 });
    await turnEnd();
    await collectUntil(() => gone === 3);
    expect(await read(readers[0], REQUESTS_TOTAL)).toEqual({ error: 0, success: 6 });
  });

  it('survive a counter that fails when it is told', async () => {
    const { provider, readers, sdk } = listenedTo();
    const meter = sdk.getMeter('llama_stack.inference', VERSION);
    const create = meter.createUpDownCounter.bind(meter);
    let isBroken = false;
    meter.createUpDownCounter = (name, options) => {
      const counter = create(name, options);
      const add = counter.add.bind(counter);
      counter.add = (...args) => {
        if (isBroken) throw new Error('the counter is broken');
        add(...args);
      };
      return counter;
    };
    const answer = createInferenceTracker({ meterProvider: provider }).trackInference(() => 'yes', 'chat');
    for (let i = 0; i < 3; i++) answer();
    const warnings = heardWarnings();
    isBroken = true;
    expect(await read(readers[0], REQUESTS_TOTAL)).toEqual({ error: 0, success: 3 });
    expect(warnings).toEqual(['track-inference: MeterProvider: the counter is broken']);
    diag.disable();
  });
});
