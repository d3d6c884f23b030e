import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { diag, metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import type OpenAI from 'openai';
import { tokenExtractors, trackInference } from 'track-inference';
import { createTestTracker, type MetricRow, type TestTracker } from 'track-inference/testing';
import { metricRows } from '../../lib/testing/metric-rows.js';
import { restoreEnvironment, withEnvironment } from '../start/support/environment.js';
import { OtlpReceiver } from '../start/support/otlp-receiver.js';
import { requests } from '../support/readings.js';
import { blocksIn } from './support/pages.js';
import { type Declared, runBlock } from './support/run-block.js';
import { logged, OpenAiBackend, REPLY, routesTo, worldAround } from './support/world.js';

/** Blocks that are files of one application; quick-start.spec.ts runs them together. */
const blocks = blocksIn('ts').filter(({ file }) => file === undefined);
const claimed = new Set<string>();

const backend = new OpenAiBackend();
let client: OpenAI;
beforeAll(() => backend.start());
beforeEach(() => {
  client = backend.client();
});
afterEach(restoreEnvironment);
afterAll(() => backend.stop());

/** Runs the one block of the page that has `holding` in it. */
async function run(page: string, holding: string, clock?: TestTracker['clock']): Promise<Declared> {
  const found = blocks.filter((block) => block.page === page && block.code.includes(holding));
  if (found.length !== 1) throw new Error(`${found.length} blocks of ${page} hold ${JSON.stringify(holding)}`);
  const [block] = found as [(typeof blocks)[0]];
  claimed.add(block.where);
  return runBlock(block, worldAround(client, clock));
}

const labels = { model: 'm', endpoint_type: 'chat_completion', stream: false };

/** All rows of a tracker but those at zero, without the prefix of their names. */
async function rows(tracker: Pick<TestTracker, 'rows'>): Promise<object[]> {
  return named(await tracker.rows());
}

function named(all: MetricRow[]): object[] {
  return all
    .filter(({ value }) => value !== 0)
    .map(({ name, attributes, value, sum }) => ({
      [name.replace('llama_stack.inference.', '')]: value ?? sum,
      ...attributes,
    }));
}

/** What one success of half a second and 12 tokens leaves. */
function success(attributes: object): object[] {
  const settled = { ...attributes, status: 'success' };
  return [
    { requests_total: 1, ...settled },
    { request_duration_seconds: 0.5, ...settled },
    { tokens_per_second: 24, ...settled },
    { inference_duration_seconds: 0.5, ...settled },
  ];
}

describe('with a test tracker in the default one’s place', () => {
  let tracker: TestTracker;
  beforeEach(() => {
    tracker = createTestTracker();
  });
  afterEach(() => tracker.dispose());

  it.each([
    ['README.md', 'class InferenceRouter', 'InferenceRouter'],
    ['docs/calls.md', 'await this.routes.resolve', 'Router'],
  ])('%s: the provider is the one that the method found', async (page, holding, router) => {
    const declared = await run(page, holding, tracker.clock);
    const reply = await new declared[router](routesTo('acme', tracker.clock)).chatCompletion({ model: 'm' });
    expect(reply).toBe(REPLY);
    expect(await rows(tracker)).toEqual(success({ ...labels, provider: 'acme' }));
  });

  it('README.md: every option of a method', async () => {
    const { Router } = await run('README.md', 'nested: ', tracker.clock);
    const router = new Router();
    await router.chat({ model: 'm', tier: 'gold', healthCheck: false }, {});
    await router.chat({ model: 'm', tier: 'gold', healthCheck: true }, {});
    expect(await rows(tracker)).toEqual(success({ ...labels, provider: 'acme', tier: 'gold' }));
  });

  it('README.md: functions, and methods of a client', async () => {
    const { chat } = await run('README.md', 'trackMethods(client', tracker.clock);
    await chat({ model: 'm' });
    await client.chat.completions.create({ model: 'm', messages: [] });
    expect(await requests(tracker)).toEqual([
      { ...labels, status: 'success', count: 1 },
      { ...labels, provider: 'openai', status: 'success', count: 1 },
    ]);
  });

  it('README.md: a test of a router', async () => {
    await run('README.md', 'createTestTracker()');
    expect.assertions(1);
  });

  it('docs/extractors.md: a stream is asked for its usage', async () => {
    const { Router } = await run('docs/extractors.md', 'withUsage(params)');
    const chunks: unknown[] = [];
    for await (const chunk of await new Router().chat({ model: 'm', stream: true, messages: [] })) chunks.push(chunk);
    expect(backend.requests.at(-1)).toMatchObject({ stream_options: { include_usage: true } });
    expect(chunks).toHaveLength(2); // The chunk that states the usage was for the metrics alone.
    expect(await requests(tracker)).toEqual([{ ...labels, stream: true, status: 'success', count: 1 }]);
    expect(await tracker.rows('tokens_per_second')).toHaveLength(0); // The clock stood still.
  });

  it('docs/metrics.md: recordings by hand', async () => {
    await run('docs/metrics.md', 'requestDuration.record');
    const attributes = { model: 'm', provider: 'acme', endpoint_type: 'rerank', stream: false, status: 'success' };
    expect(await rows(tracker)).toEqual([
      { requests_total: 1, ...attributes },
      { request_duration_seconds: 0.25, ...attributes },
    ]);
  });

  it('docs/calls.md: a call that is left out', async () => {
    const { Router } = await run('docs/calls.md', 'healthCheck', tracker.clock);
    await new Router().chat({ model: 'm', healthCheck: true });
    expect(await rows(tracker)).toEqual([]);
    await new Router().chat({ model: 'm', healthCheck: false });
    expect(await requests(tracker)).toEqual([{ ...labels, endpoint_type: 'chat', status: 'success', count: 1 }]);
  });
});

it('docs/returned-objects.md: a router that conforms', async () => {
  await run('docs/returned-objects.md', 'checkConformance');
  expect.assertions(1);
});

describe('the extractors of a page', () => {
  const reply = { kind: 'acme', in: 9, out: 3 };
  const usage = { inputTokens: 9, outputTokens: 3, totalTokens: 12 };

  it('README.md: a shape is registered, and taken out', async () => {
    const { remove } = await run('README.md', "name: 'acme.chat'");
    expect(tokenExtractors.extract(reply)).toEqual(usage);
    remove();
    expect(tokenExtractors.extract(reply)).toBeUndefined();
  });

  it('docs/extractors.md: likewise, in one go', async () => {
    await run('docs/extractors.md', "name: 'acme.chat'");
    expect(tokenExtractors.extract(reply)).toBeUndefined();
  });

  it('docs/extractors.md: a stream', async () => {
    await run('docs/extractors.md', "name: 'acme.stream'");
    const chunks = [
      { kind: 'acme.chunk', text: '' },
      { kind: 'acme.chunk', text: 'Curiouser' },
      { kind: 'acme.chunk', counts: { in: 9, out: 3 }, end: 'stop' },
    ];
    expect(tokenExtractors.extractStream(chunks)).toEqual({ usage, firstOutputIndex: 1, extractor: 'acme.stream' });
  });
});

describe('settings of the process', () => {
  let exporter: InMemoryMetricExporter;
  let provider: MeterProvider;
  beforeEach(() => {
    forgetDefaultTracker();
    exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
    provider = new MeterProvider({ readers: [reader] });
    metrics.setGlobalMeterProvider(provider);
  });
  afterEach(async () => {
    metrics.disable();
    await provider.shutdown();
    forgetDefaultTracker();
  });

  async function collected(): Promise<MetricRow[]> {
    await provider.forceFlush();
    return exporter.getMetrics().slice(-1).flatMap(metricRows);
  }

  /** A call of the default tracker, as it is set up now. */
  async function call(model = 'm'): Promise<void> {
    const usage = {
      prompt_tokens: 9,
      completion_tokens: 3,
      total_tokens: 12,
      completion_tokens_details: { reasoning_tokens: 1 },
    };
    await trackInference(async (_params: object) => ({ ...REPLY, usage }), 'chat_completion')({ model });
  }

  it('README.md: provider, models, limits and throughput', async () => {
    await run('README.md', 'configureInference({ provider');
    for (let i = 0; i < 60; i++) await call(`m-${i}`);
    await call('m-large');
    const requests = named((await collected()).filter(({ name }) => name.endsWith('requests_total')));
    expect(requests).toHaveLength(52);
    expect(requests.slice(-2)).toEqual([
      { ...labels, model: '_other', provider: 'acme', status: 'success', requests_total: 10 },
      { ...labels, model: 'm-large', provider: 'acme', status: 'success', requests_total: 1 },
    ]);
  });

  it('docs/opt-in.md: tokens', async () => {
    await run('docs/opt-in.md', "extras: ['tokens']");
    await call();
    const tokens = named((await collected()).filter(({ name }) => name.endsWith('tokens_total')));
    expect(tokens).toEqual([
      { ...labels, status: 'success', cached: false, input_tokens_total: 9 },
      { ...labels, status: 'success', reasoning: false, output_tokens_total: 2 },
      { ...labels, status: 'success', reasoning: true, output_tokens_total: 1 },
    ]);
  });

  it('docs/opt-in.md: goodput', async () => {
    await run('docs/opt-in.md', 'slo: {');
    await call();
    const good = named((await collected()).filter(({ name }) => name.endsWith('slo_requests_total')));
    expect(good).toEqual([{ ...labels, status: 'success', slo_met: true, slo_requests_total: 1 }]);
  });

  it('docs/opt-in.md: the GenAI metrics', async () => {
    await run('docs/opt-in.md', 'vocabularies: [genAi]');
    await call();
    const names = new Set((await collected()).map(({ name }) => name));
    expect([...names].filter((name) => name.startsWith('gen_ai.'))).toEqual([
      'gen_ai.client.operation.duration',
      'gen_ai.client.token.usage',
      'gen_ai.server.request.duration',
    ]);
  });

  it('docs/opt-in.md: one record a call', async () => {
    await run('docs/opt-in.md', 'onSettled(');
    logged.length = 0;
    await call();
    expect(logged).toEqual([
      {
        ...labels,
        status: 'success',
        inputTokens: 9,
        outputTokens: 3,
        totalTokens: 12,
        reasoningTokens: 1,
        requestSeconds: expect.any(Number),
        inferenceSeconds: expect.any(Number),
        timeToFirstTokenSeconds: undefined,
        responseModel: 'm',
      },
    ]);
  });
});

it('docs/backends.md: Prometheus and OTLP', async () => {
  const receiver = await OtlpReceiver.start();
  withEnvironment({
    OTEL_EXPORTER_PROMETHEUS_PORT: String(await freePort()),
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.origin,
  });
  forgetDefaultTracker();
  const listeners = process.listeners('SIGTERM');
  const { metrics: started } = await run('docs/backends.md', 'process.once');
  for (const added of process.listeners('SIGTERM')) if (!listeners.includes(added)) process.off('SIGTERM', added);
  await trackInference(async (_params: object) => REPLY, 'chat_completion')({ model: 'm' });
  const page = await (await fetch(started.prometheusUrl)).text();
  expect(page.split('\n').filter((line) => line.startsWith('llama_stack_inference_requests_total'))).toEqual([
    'llama_stack_inference_requests_total{model="m",endpoint_type="chat_completion",stream="false",status="error"} 0',
    'llama_stack_inference_requests_total{model="m",endpoint_type="chat_completion",stream="false",status="success"} 1',
  ]);
  expect(await started.shutdown()).toEqual({ lost: false });
  expect(receiver.accepted).toBe(1);
  await receiver.stop();
  forgetDefaultTracker();
});

it('every other block runs as it stands, exporting nothing', async () => {
  withEnvironment({ OTEL_SDK_DISABLED: 'true' });
  const failures: string[] = [];
  for (const block of blocks.filter(({ where }) => !claimed.has(where))) {
    forgetDefaultTracker();
    await runBlock(block, worldAround(backend.client())).catch((error) => failures.push(`${block.where}: ${error}`));
  }
  diag.disable();
  forgetDefaultTracker();
  expect(failures).toEqual([]);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** As in a process that has only just begun. */
function forgetDefaultTracker(): void {
  delete (globalThis as Record<symbol, unknown>)[Symbol.for('track-inference.default-tracker.v1')];
}
