import { diag, metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  AggregationType,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { Observable } from 'rxjs';
import {
  CONCURRENT_REQUESTS,
  createInferenceTracker,
  INFERENCE_DURATION,
  llamaStack,
  REQUEST_DURATION,
  REQUESTS_TOTAL,
  TIME_TO_FIRST_TOKEN,
  TOKENS_PER_SECOND,
  trackInference,
} from 'track-inference';
import { genAiWithChunks } from 'track-inference/gen-ai';
import packageJson from '../../package.json' with { type: 'json' };
import { text, usage } from '../support/chunks.js';
import { heardWarnings } from '../support/warnings.js';

/** A provider like an application's, and what it has exported by now. */
function application(options: Partial<ConstructorParameters<typeof MeterProvider>[0]> = {}) {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 30 });
  const provider = new MeterProvider({ readers: [reader], ...options });
  const collect = async () => {
    exporter.reset();
    await provider.forceFlush();
    return exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
  };
  const values = async (name: string) =>
    (await collect())
      .flatMap((scope) => scope.metrics)
      .filter(({ descriptor }) => descriptor.name === name)
      .flatMap(({ dataPoints }) => dataPoints.map(({ attributes, value }) => ({ ...attributes, value })));
  return { provider, collect, values };
}

/** What the reader really hands over; the SDK's public type leaves kind and advice out. */
interface InstrumentDescriptor {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly type: string;
  readonly advice?: { readonly explicitBucketBoundaries?: readonly number[] };
}

afterEach(() => metrics.disable());

const SECONDS = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 327.68, 655.36,
];
const RATES = [1, 2.5, 5, 10, 20, 30, 40, 50, 75, 100, 150, 200, 300, 500, 1000, 2500, 5000, 10000, 50000];

describe('the six instruments', () => {
  it('have the names, units, descriptions and buckets of the contract', async () => {
    const { provider, collect } = application();
    let now = 0;
    const tracker = createInferenceTracker({ meterProvider: provider, now: () => (now += 1000) });
    for await (const _ of tracker.trackInference(async function* () {
      yield text('a');
      yield usage(3, 5);
    })());
    const [scope, ...others] = await collect();
    expect(others).toEqual([]);
    expect(scope?.scope).toEqual({ name: 'llama_stack.inference', version: packageJson.version, schemaUrl: undefined });
    const described = scope?.metrics
      .map(({ descriptor }) => descriptor as unknown as InstrumentDescriptor)
      .map(({ name, unit, description, type, advice }) => ({
        name,
        unit,
        description,
        type,
        ...(advice?.explicitBucketBoundaries && { buckets: advice.explicitBucketBoundaries }),
      }));
    expect(described).toEqual([
      {
        name: CONCURRENT_REQUESTS,
        type: 'UP_DOWN_COUNTER',
        unit: '{request}',
        description: 'Number of concurrent inference requests being processed',
      },
      {
        name: REQUESTS_TOTAL,
        type: 'COUNTER',
        unit: '{request}',
        description: 'Total number of inference requests processed',
      },
      {
        name: REQUEST_DURATION,
        type: 'HISTOGRAM',
        unit: 's',
        description: 'Duration of inference requests from start to completion',
        buckets: SECONDS,
      },
      {
        name: TOKENS_PER_SECOND,
        type: 'HISTOGRAM',
        unit: '',
        description: 'Token generation rate (total_tokens / duration)',
        buckets: RATES,
      },
      {
        name: INFERENCE_DURATION,
        type: 'HISTOGRAM',
        unit: 's',
        description: 'Time spent in model inference',
        buckets: SECONDS,
      },
      {
        name: TIME_TO_FIRST_TOKEN,
        type: 'HISTOGRAM',
        unit: 's',
        description: 'Time from request start until first token is generated',
        buckets: SECONDS,
      },
    ]);
  });

  it('have others beside them, as described, where these are asked for', async () => {
    const { provider, collect, values } = application();
    const tracker = createInferenceTracker({
      meterProvider: provider,
      now: () => 0,
      extras: ['tokens', 'time_per_output_token', 'attempts'],
      slo: { requestDurationSeconds: 1 },
      // The set that is always there is not doubled.
      vocabularies: [llamaStack, { ...llamaStack }],
    });
    for await (const _ of tracker.trackInference(async function* () {
      yield text('a');
      yield usage(3, 5);
    })());
    const [scope] = await collect();
    const described = (scope?.metrics ?? []).map(({ descriptor, dataPoints: [point] }) => {
      const { name, type, unit, description, advice } = descriptor as unknown as InstrumentDescriptor;
      const buckets = advice?.explicitBucketBoundaries;
      return { name, type, unit, description, ...(buckets && { buckets }), isCounted: point?.value };
    });
    expect(described.slice(5)).toEqual([
      {
        name: 'llama_stack.inference.input_tokens_total',
        type: 'COUNTER',
        unit: '{token}',
        description: 'Total number of input tokens, cached ones apart',
        isCounted: 3,
      },
      {
        name: 'llama_stack.inference.output_tokens_total',
        type: 'COUNTER',
        unit: '{token}',
        description: 'Total number of output tokens, reasoning ones apart',
        isCounted: 5,
      },
      {
        name: 'llama_stack.inference.time_per_output_token_seconds',
        type: 'HISTOGRAM',
        unit: 's',
        description: 'Time per output token after the first one',
        buckets: [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5],
        isCounted: expect.objectContaining({ count: 1, sum: 0 }),
      },
      {
        name: 'llama_stack.inference.attempts_total',
        type: 'COUNTER',
        unit: '{attempt}',
        description: 'Total number of attempts that requests took: nested calls, by their own provider and status',
        isCounted: 1,
      },
      {
        name: 'llama_stack.inference.slo_requests_total',
        type: 'COUNTER',
        unit: '{request}',
        description: 'Total number of inference requests, by whether they met the service levels',
        isCounted: 1,
      },
    ]);
    expect((await values(REQUESTS_TOTAL)).map(({ value }) => value)).toEqual([0, 1]);
  });

  it('have the literal names that dashboards query', () => {
    expect([
      REQUESTS_TOTAL,
      REQUEST_DURATION,
      CONCURRENT_REQUESTS,
      TOKENS_PER_SECOND,
      INFERENCE_DURATION,
      TIME_TO_FIRST_TOKEN,
    ]).toEqual([
      'llama_stack.inference.requests_total',
      'llama_stack.inference.request_duration_seconds',
      'llama_stack.inference.concurrent_requests',
      'llama_stack.inference.tokens_per_second',
      'llama_stack.inference.inference_duration_seconds',
      'llama_stack.inference.time_to_first_token_seconds',
    ]);
  });

  it('take other buckets from the option, and from a View over it', async () => {
    const { provider, collect } = application({
      views: [
        {
          instrumentName: INFERENCE_DURATION,
          aggregation: { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: [7] } },
        },
      ],
    });
    const tracker = createInferenceTracker({
      meterProvider: provider,
      buckets: { requestDuration: [1, 2], inferenceDuration: [3] },
    });
    tracker.trackInference(() => {})();
    const buckets = Object.fromEntries(
      (await collect())
        .flatMap((scope) => scope.metrics)
        .filter(({ dataPointType }) => dataPointType === DataPointType.HISTOGRAM)
        .map(({ descriptor, dataPoints: [point] }) => [
          descriptor.name,
          (point?.value as { buckets: { boundaries: number[] } } | undefined)?.buckets.boundaries,
        ]),
    );
    expect(buckets).toEqual({ [REQUEST_DURATION]: [1, 2], [INFERENCE_DURATION]: [7] });
  });

  it('create the error series at 0 when labels settle for the first time', async () => {
    const { provider, values } = application();
    const { trackInference: track } = createInferenceTracker({ meterProvider: provider });
    const chat = track(async function chat(fails: boolean) {
      if (fails) throw new Error('no');
    });
    await chat(false);
    const base = { endpoint_type: 'chat', stream: false };
    expect(await values(REQUESTS_TOTAL)).toEqual([
      { ...base, status: 'error', value: 0 },
      { ...base, status: 'success', value: 1 },
    ]);
    await chat(true).catch(() => {});
    expect(await values(REQUESTS_TOTAL)).toEqual([
      { ...base, status: 'error', value: 1 },
      { ...base, status: 'success', value: 1 },
    ]);
  });

  it('create no error series for labels that moved on before they settled', async () => {
    const { provider, values } = application();
    const { trackInference: track } = createInferenceTracker({ meterProvider: provider });
    const { currentInference } = await import('track-inference');
    track(function chat() {
      currentInference()?.setProvider('p');
    })();
    expect(await values(REQUESTS_TOTAL)).toHaveLength(2);
  });

  it('record no rate without tokens or without time', async () => {
    const { provider, values } = application();
    const { trackInference: track } = createInferenceTracker({ meterProvider: provider, now: () => 5 });
    track(() => ({ object: 'chat.completion', choices: [], usage: { prompt_tokens: 3, completion_tokens: 5 } }))();
    track(() => 'no tokens')();
    expect(await values(TOKENS_PER_SECOND)).toEqual([]);
  });

  it('record output tokens over the duration with throughput: output', async () => {
    const { provider, values } = application();
    let now = 0;
    const settings = { meterProvider: provider, now: () => (now += 1000), throughput: 'output' } as const;
    createInferenceTracker(settings).trackInference(() => ({
      object: 'chat.completion',
      choices: [],
      usage: { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 },
    }))();
    expect(await values(TOKENS_PER_SECOND)).toMatchObject([{ value: { count: 1, sum: 5 } }]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1000])('record no duration if the clock says %p', async (reading) => {
    const { provider, values } = application();
    const readings = [0, reading];
    const settings = { meterProvider: provider, now: () => readings.shift() ?? reading };
    createInferenceTracker(settings).trackInference(() => {})();
    expect(await values(REQUEST_DURATION)).toEqual([]);
    expect(await values(REQUESTS_TOTAL)).toHaveLength(2);
    expect(await values(CONCURRENT_REQUESTS)).toMatchObject([{ value: 0 }]);
  });

  it.each([
    ['cancelled', undefined],
    ['success', 'success'],
    ['error', 'error'],
  ] as const)('count a call that was left as %s with cancelledAs: %p', async (status, cancelledAs) => {
    const { provider, values } = application();
    const { trackInference: track } = createInferenceTracker({ meterProvider: provider, cancelledAs });
    for await (const _ of track(async function* () {
      yield text('a');
    })())
      break;
    expect((await values(REQUESTS_TOTAL)).filter(({ value }) => value === 1)).toMatchObject([{ status }]);
  });
});

describe('the MeterProvider', () => {
  const chat = trackInference(async function chat() {});
  const stream = trackInference(async function* stream() {
    yield text('a');
    yield text('b');
  });
  const total = async (app: ReturnType<typeof application>, name: string) =>
    (await app.values(name)).reduce((sum, { value }) => sum + (value as number), 0);

  it('may be set after methods are decorated', async () => {
    const app = application();
    metrics.setGlobalMeterProvider(app.provider);
    await chat();
    expect(await total(app, REQUESTS_TOTAL)).toBe(1);
  });

  it('may be set after the first call', async () => {
    await chat();
    const app = application();
    metrics.setGlobalMeterProvider(app.provider);
    await chat();
    expect(await total(app, REQUESTS_TOTAL)).toBe(1);
  });

  it('may be set while a stream is in flight, which is then counted once and leaves concurrency alone', async () => {
    const inFlight = stream();
    await inFlight.next();
    const app = application();
    metrics.setGlobalMeterProvider(app.provider);
    while (!(await inFlight.next()).done);
    expect(await total(app, REQUESTS_TOTAL)).toBe(1);
    expect(await app.values(CONCURRENT_REQUESTS)).toEqual([]);
  });

  it('may be replaced while a stream is in flight: each +1 meets its −1 where it was taken', async () => {
    const [before, after] = [application(), application()];
    metrics.setGlobalMeterProvider(before.provider);
    const inFlight = stream();
    await inFlight.next();
    expect(await total(before, CONCURRENT_REQUESTS)).toBe(1);
    metrics.disable();
    metrics.setGlobalMeterProvider(after.provider);
    await chat();
    while (!(await inFlight.next()).done);
    expect(await total(before, CONCURRENT_REQUESTS)).toBe(0);
    expect(await total(after, CONCURRENT_REQUESTS)).toBe(0);
    expect(await total(before, REQUESTS_TOTAL)).toBe(0);
    expect(await total(after, REQUESTS_TOTAL)).toBe(2);
  });

  it('may come back: its instruments are the ones it had', async () => {
    const [first, second] = [application(), application()];
    for (const app of [first, second, first]) {
      metrics.disable();
      metrics.setGlobalMeterProvider(app.provider);
      await chat();
    }
    expect(await total(first, REQUESTS_TOTAL)).toBe(2);
    expect(await total(second, REQUESTS_TOTAL)).toBe(1);
  });

  it('may throw without the caller noticing; the operator hears of it', async () => {
    const warnings = heardWarnings();
    const broken = () => {
      throw new Error('broken SDK');
    };
    const fails = () => {
      throw new Error('broken instrument');
    };
    const instrument = { add: fails, record: fails };
    const meter = {
      createCounter: () => instrument,
      createUpDownCounter: () => instrument,
      createHistogram: () => instrument,
    };
    for (const provider of [{ getMeter: broken }, { getMeter: () => meter }, { getMeter: () => ({}) }]) {
      const tracker = createInferenceTracker({ meterProvider: provider as never });
      expect(tracker.trackInference(() => 'answer')()).toBe('answer');
    }
    expect(warnings).toEqual([
      'track-inference: MeterProvider: broken SDK',
      ...['MeterProvider', REQUESTS_TOTAL, REQUEST_DURATION, INFERENCE_DURATION].map(
        (where) => `track-inference: ${where}: broken instrument`,
      ),
      'track-inference: MeterProvider: meter.createUpDownCounter is not a function',
    ]);
    diag.disable();
  });

  it('may be none at all: no answer is read for nobody, and nothing said', async () => {
    const warnings = heardWarnings();
    const read: string[] = [];
    const { trackInference: track } = createInferenceTracker({ now: () => read.push('clock') });
    const answer = track(() => 'answer', { usage: () => void read.push('answer') });
    expect(answer()).toBe('answer');
    expect(read).toEqual(['clock']);
    expect(warnings).toEqual([]);
    diag.disable();
  });

  it('may be none for a call that turned out to be no request', () => {
    const warnings = heardWarnings();
    const { trackInference: track } = createInferenceTracker({ onSettled() {} });
    const watched = track(() => new Observable<string>((subscriber) => subscriber.next('a')))();
    watched.subscribe().unsubscribe();
    expect(warnings).toEqual([]);
    diag.disable();
  });

  it('may come for a hook alone: a stream whose chunks are timed says nothing', async () => {
    const warnings = heardWarnings();
    let settled = 0;
    const { trackInference: track } = createInferenceTracker({
      vocabularies: [genAiWithChunks],
      onSettled: () => void settled++,
    });
    for await (const _ of track(async function* () {
      yield* [text('a'), text('b'), text('c')];
    })());
    expect(settled).toBe(1);
    expect(warnings).toEqual([]);
    diag.disable();
  });
});
