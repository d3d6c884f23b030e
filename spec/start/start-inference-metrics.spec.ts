import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { metrics as api } from '@opentelemetry/api';
import { AggregationType, type ViewOptions } from '@opentelemetry/sdk-metrics';
import { createInferenceTracker, trackInference } from 'track-inference';
import { type InferenceMetrics, type StartInferenceMetricsOptions, startInferenceMetrics } from 'track-inference/start';
import { parsePrometheusText } from '../../samples/gateway/traffic/prometheus-text.js';
import { restoreEnvironment, withEnvironment } from './support/environment.js';
import { OtlpReceiver } from './support/otlp-receiver.js';

const started: { shutdown(): Promise<unknown> }[] = [];
const receivers: OtlpReceiver[] = [];
const lines: string[] = [];
const log = (line: string) => void lines.push(line);

/** Starts what the spec asks for, apart from the default tracker. */
async function start(options: StartInferenceMetricsOptions): Promise<InferenceMetrics> {
  const metrics = await startInferenceMetrics({ log, tracker: false, ...options });
  started.push(metrics);
  return metrics;
}

async function receiver(): Promise<OtlpReceiver> {
  const one = await OtlpReceiver.start();
  receivers.push(one);
  return one;
}

function call({ trackerOptions }: InferenceMetrics, model = 'm'): void {
  createInferenceTracker(trackerOptions).trackInference(
    (_: { model: string }) => 'hello',
    'chat_completion',
  )({ model });
}

async function totals(metrics: InferenceMetrics): Promise<Record<string, number>> {
  const samples = parsePrometheusText(await metrics.prometheusText());
  const found = samples.filter(({ name }) => name === 'llama_stack_inference_requests_total');
  return Object.fromEntries(found.map(({ labels, value }) => [`${labels['model']} ${labels['status']}`, value]));
}

async function freePort(host = '127.0.0.1'): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

afterEach(async () => {
  restoreEnvironment();
  await Promise.all(started.splice(0).map((metrics) => metrics.shutdown()));
  await Promise.all(receivers.splice(0).map((one) => one.stop()));
  lines.length = 0;
});

describe('startInferenceMetrics', () => {
  it.each([false, true])(
    'hands out Prometheus text of what trackers recorded, without a port (producer %s)',
    async (producer) => {
      const metrics = await start({ prometheus: { server: false }, producer });
      call(metrics);
      call(metrics);
      expect(await totals(metrics)).toEqual({ 'm success': 2, 'm error': 0 });
      expect(metrics.prometheusUrl).toBeUndefined();
      expect(await metrics.prometheusText()).not.toContain('otel_scope_');
    },
  );

  it('serves what Prometheus scrapes where it is told to', async () => {
    const port = await freePort();
    const metrics = await start({ prometheus: { port, path: 'm' } });
    call(metrics);
    expect(metrics.prometheusUrl).toBe(`http://127.0.0.1:${port}/m`);
    const text = await (await fetch(metrics.prometheusUrl as string)).text();
    expect(text).toBe(await metrics.prometheusText());
  });

  it('names the port that the system has chosen', async () => {
    const metrics = await start({ prometheus: { port: 0 } });
    call(metrics);
    expect(metrics.prometheusUrl).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*\/metrics$/);
    expect(await (await fetch(metrics.prometheusUrl as string)).text()).toContain('requests_total');
  });

  it.each([
    ['::1', '[::1]', undefined, 'metrics'],
    ['127.0.0.1', '127.0.0.1', '/m/all', 'm/all'],
  ])('serves it on the host %s', async (host, inUrl, path, served) => {
    const port = await freePort(host);
    const metrics = await start({ prometheus: { host, port, path } });
    call(metrics);
    expect(metrics.prometheusUrl).toBe(`http://${inUrl}:${port}/${served}`);
    expect(await (await fetch(metrics.prometheusUrl as string)).text()).toContain(
      'llama_stack_inference_requests_total',
    );
  });

  it('says so when the port is taken, and leaves nothing behind', async () => {
    const first = await start({ prometheus: { port: await freePort() } });
    const port = Number(new URL(first.prometheusUrl as string).port);
    await expect(start({ prometheus: { port }, global: true })).rejects.toMatchObject({
      message: `startInferenceMetrics: Prometheus cannot be served on 127.0.0.1:${port}: listen EADDRINUSE: address already in use 127.0.0.1:${port}`,
      cause: { code: 'EADDRINUSE' },
    });
    expect(api.setGlobalMeterProvider(first.meterProvider)).toBe(true);
    api.disable();
  });

  it('exports OTLP/protobuf with the last interval at shutdown, and reports that nothing was lost', async () => {
    const backend = await receiver();
    const metrics = await start({ otlp: { url: backend.url, headers: { 'x-tenant': 'a' } } });
    call(metrics);
    expect(await metrics.shutdown()).toEqual({ lost: false });
    expect(backend.requests).toHaveLength(1);
    expect(backend.requests[0]).toMatchObject({
      path: '/v1/metrics',
      headers: { 'content-type': 'application/x-protobuf', 'x-tenant': 'a' },
    });
    expect(backend.requests[0]?.body.includes('llama_stack.inference.requests_total')).toBe(true);
    expect(lines).toEqual([]);
  });

  it('gives every process an identity of its own, under the name it was given', async () => {
    const first = await start({ prometheus: { server: false }, serviceName: 'gateway', resource: { zone: 'eu' } });
    const second = await start({ prometheus: { server: false } });
    call(first);
    call(second);
    const [one, two] = await Promise.all([targetInfo(first), targetInfo(second)]);
    expect(one).toMatchObject({ service_name: 'gateway', zone: 'eu' });
    expect(one['service_instance_id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(two['service_name']).toMatch(/^unknown_service/);
  });

  it('applies Views', async () => {
    const views: ViewOptions[] = [
      {
        instrumentName: 'llama_stack.inference.request_duration_seconds',
        aggregation: { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: [7] } },
      },
    ];
    const metrics = await start({ prometheus: { server: false }, views });
    call(metrics);
    const buckets = parsePrometheusText(await metrics.prometheusText()).filter(
      ({ name }) => name === 'llama_stack_inference_request_duration_seconds_bucket',
    );
    expect(buckets.map(({ labels }) => labels['le'])).toEqual(['7', '+Inf']);
  });

  it('rejects prometheusText() where prometheus is off', async () => {
    const metrics = await start({});
    await expect(metrics.prometheusText()).rejects.toThrow(
      'startInferenceMetrics: prometheusText() needs the option prometheus.',
    );
  });

  it.each([
    [{ prometheus: 9464 }, '"prometheus" has a value of the wrong kind (number)'],
    [{ port: 9464 }, 'unknown option "port"; the options are prometheus, otlp'],
    [{ tracker: true }, '"tracker"'],
    [{ serviceName: '' }, '"serviceName"'],
    [{ log: 'stderr' }, '"log"'],
    [null, 'options must be an object'],
  ])('says what is wrong with %j', async (options, message) => {
    await expect(startInferenceMetrics(options as StartInferenceMetricsOptions)).rejects.toThrow(message);
  });
});

describe('the global MeterProvider', () => {
  it('stays as it is', async () => {
    const before = api.getMeterProvider();
    await start({ prometheus: { server: false } });
    expect(api.getMeterProvider()).toBe(before);
  });

  it('is set when asked for, until the shutdown', async () => {
    const metrics = await start({ prometheus: { server: false }, global: true });
    expect(api.getMeterProvider()).toBe(metrics.meterProvider);
    const other = await start({ prometheus: { server: false }, global: true });
    expect(lines).toEqual(['track-inference: This process has a global MeterProvider already; it stays.']);
    await other.shutdown();
    expect(api.getMeterProvider()).toBe(metrics.meterProvider);
    await metrics.shutdown();
    expect(api.getMeterProvider()).not.toBe(metrics.meterProvider);
  });
});

// One default tracker a process, so one story.
describe('the default tracker', () => {
  it('records here, with further settings, until somebody else was first', async () => {
    const metrics = await start({
      prometheus: { server: false },
      tracker: { provider: 'p', labelLimits: { model: 1 } },
    });
    const chat = trackInference((_: { model: string }) => 'hello', 'chat_completion');
    chat({ model: 'first' });
    chat({ model: 'second' });
    expect(await totals(metrics)).toEqual({
      'first success': 1,
      'first error': 0,
      '_other success': 1,
      '_other error': 0,
    });
    const later = await start({ prometheus: { server: false }, tracker: {} });
    expect(lines).toEqual([
      'track-inference: configureInference was called before: @TrackInference records where that said.',
    ]);
    chat({ model: 'first' });
    expect(await totals(later)).toEqual({});
    expect(await totals(metrics)).toMatchObject({ 'first success': 2 });
  });
});

describe('its lines', () => {
  it('go to console.warn where nobody takes them', async () => {
    const { warn } = console;
    const printed: string[] = [];
    console.warn = (line: string) => void printed.push(line);
    try {
      withEnvironment({ OTEL_METRICS_EXPORTER: 'console' });
      await start({ log: undefined });
    } finally {
      console.warn = warn;
    }
    expect(printed).toEqual([
      'track-inference: OTEL_METRICS_EXPORTER=console is not known here: otlp, prometheus or none.',
    ]);
  });

  it('name no credentials of a back end that cannot be reached', async () => {
    const port = await freePort();
    const url = `http://user:secret@127.0.0.1:${port}/v1/metrics?key=secret`;
    const metrics = await start({ otlp: { url, exportTimeoutMilliseconds: 100 } });
    call(metrics);
    expect(await metrics.shutdown()).toMatchObject({ lost: true });
    expect(lines[0]).toMatch(
      new RegExp(`^track-inference: Metrics do not reach http://127\\.0\\.0\\.1:${port}/v1/metrics: .*ECONNREFUSED`),
    );
    expect(lines.join(' ')).not.toContain('secret');
  });
});

describe('the OTEL_* variables', () => {
  it('choose the host of Prometheus', async () => {
    const port = await freePort('127.0.0.2');
    withEnvironment({
      OTEL_METRICS_EXPORTER: 'prometheus',
      OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.2',
      OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
    });
    expect((await start({})).prometheusUrl).toBe(`http://127.0.0.2:${port}/metrics`);
  });

  it.each([
    [{}, []],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }, []],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: '' }, []],
    [{ OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/protobuf', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, []],
    [
      { OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/json' },
      ['track-inference: OTEL_EXPORTER_OTLP_PROTOCOL=http/json is not known here; http/protobuf is used.'],
    ],
  ])('name a protocol: %j', async (variables, said) => {
    withEnvironment(variables);
    await start({ otlp: { url: 'http://127.0.0.1:9/v1/metrics' } });
    expect(lines).toEqual(said);
  });

  it('name the service and add to its attributes, an identity included', async () => {
    withEnvironment({ OTEL_SERVICE_NAME: 'from-env', OTEL_RESOURCE_ATTRIBUTES: 'service.instance.id=7,zone=us' });
    const metrics = await start({ prometheus: { server: false } });
    call(metrics);
    expect(await targetInfo(metrics)).toMatchObject({
      service_name: 'from-env',
      service_instance_id: '7',
      zone: 'us',
    });
  });

  it('switch OTLP on by naming an endpoint', async () => {
    const backend = await receiver();
    withEnvironment({ OTEL_EXPORTER_OTLP_ENDPOINT: `${backend.origin}/`, OTEL_EXPORTER_OTLP_HEADERS: 'x-key=1' });
    const metrics = await start({});
    call(metrics);
    expect(await metrics.shutdown()).toEqual({ lost: false });
    expect(backend.requests[0]).toMatchObject({ path: '/v1/metrics', headers: { 'x-key': '1' } });
  });

  it('choose the exporters, and yield to the options', async () => {
    const backend = await receiver();
    withEnvironment({
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: backend.url,
      OTEL_METRICS_EXPORTER: 'prometheus',
      OTEL_EXPORTER_PROMETHEUS_PORT: String(await freePort()),
    });
    const metrics = await start({});
    expect(metrics.prometheusUrl).toBe(`http://127.0.0.1:${process.env['OTEL_EXPORTER_PROMETHEUS_PORT']}/metrics`);
    call(metrics);
    await metrics.shutdown();
    expect(backend.requests).toEqual([]);

    const asked = await start({ prometheus: false, otlp: true });
    call(asked);
    expect(asked.prometheusUrl).toBeUndefined();
    expect(await asked.shutdown()).toEqual({ lost: false });
    expect(backend.accepted).toBe(1);
  });

  it.each(['none', 'prometheus,none', 'console'])('export nothing with OTEL_METRICS_EXPORTER=%s', async (names) => {
    withEnvironment({ OTEL_METRICS_EXPORTER: names, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' });
    const metrics = await start({});
    call(metrics);
    expect(await metrics.shutdown()).toEqual({ lost: false });
    expect(lines).toEqual(
      names === 'console'
        ? ['track-inference: OTEL_METRICS_EXPORTER=console is not known here: otlp, prometheus or none.']
        : [],
    );
  });

  it('silence everything with OTEL_SDK_DISABLED', async () => {
    withEnvironment({ OTEL_SDK_DISABLED: 'true' });
    const metrics = await start({ prometheus: { server: false }, otlp: true });
    call(metrics);
    expect(await metrics.shutdown()).toEqual({ lost: false });
  });

  it('set the interval of exports; what is no number of milliseconds counts as not set', async () => {
    const backend = await receiver();
    withEnvironment({ OTEL_METRIC_EXPORT_INTERVAL: '20', OTEL_METRIC_EXPORT_TIMEOUT: 'soon' });
    const metrics = await start({ otlp: { url: backend.url } });
    call(metrics);
    while (backend.accepted < 3) await new Promise((resolve) => setImmediate(resolve));
  });

  it('are told apart from a protocol that is not spoken here', async () => {
    withEnvironment({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' });
    await start({ otlp: { url: 'http://127.0.0.1:9/v1/metrics' } });
    expect(lines).toEqual([
      'track-inference: OTEL_EXPORTER_OTLP_PROTOCOL=grpc is not known here; http/protobuf is used.',
    ]);
  });
});

async function targetInfo(metrics: InferenceMetrics): Promise<Record<string, string>> {
  const [found] = parsePrometheusText(await metrics.prometheusText()).filter(({ name }) => name === 'target_info');
  return { ...found?.labels };
}
