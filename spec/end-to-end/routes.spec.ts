import { readFileSync } from 'node:fs';
import { jest } from '@jest/globals';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider, type MetricProducer, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { InferenceMetricProducer } from 'track-inference/producer';
import { ROOT } from '../observability/support/dashboard-file.js';
import { until } from '../support/until.js';
import { describeWith } from './support/backends.js';
import { HOSTILE_MODEL, KnownTraffic } from './support/known-traffic.js';
import { type MetricsServer, startPrometheus } from './support/prometheus.js';
import { byLabels, type Sample } from './support/promql-client.js';
import { freePort } from './support/server-process.js';
import { startVictoriaMetrics, startVmagent } from './support/victoria-metrics.js';

jest.setTimeout(240_000);

const TOTAL = 'llama_stack_inference_requests_total';
/** The query of docs/backends.md that misses no error. */
const DOCUMENTED = /```promql\n([^`]*unless[^`]*)```/.exec(readFileSync(`${ROOT}docs/backends.md`, 'utf8'))?.[1] ?? '';
const ROUTES = ['scraped by Prometheus', 'OTLP into VictoriaMetrics', 'OTLP through vmagent into Prometheus'] as const;

// Both ways to aggregate have to look the same from behind every route.
describeWith(['prometheus', 'victoria-metrics', 'vmagent'], 'the metrics, on every route', () => {
  describe("aggregated by OpenTelemetry's SDK", () => specs(undefined));
  describe('aggregated by InferenceMetricProducer', () => specs(new InferenceMetricProducer()));
});

function specs(producer: InferenceMetricProducer | undefined): void {
  const metricProducers: MetricProducer[] = producer ? [producer] : [];
  const servers: { stop(): Promise<void> }[] = [];
  const routes = new Map<string, MetricsServer>();
  let meterProvider: MeterProvider;
  let traffic: KnownTraffic;

  beforeAll(async () => {
    const scrapePort = await freePort();
    const [scraping, victoria, receiving] = await Promise.all([
      startPrometheus({ scrape: [scrapePort] }),
      startVictoriaMetrics(),
      startPrometheus(),
    ]);
    const vmagent = await startVmagent(receiving);
    servers.push(scraping, victoria, receiving, vmagent);
    [scraping, victoria, receiving].forEach((server, index) => {
      routes.set(ROUTES[index] as string, server);
    });
    const exported = (url: string) =>
      new PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter({ url }),
        exportIntervalMillis: 250,
        exportTimeoutMillis: 250,
        metricProducers,
      });
    meterProvider = new MeterProvider({
      readers: [
        new PrometheusExporter({ host: '127.0.0.1', port: scrapePort, metricProducers }),
        exported(victoria.otlpUrl),
        exported(vmagent.otlpUrl),
      ],
    });
    traffic = new KnownTraffic(producer ? { sink: producer } : { meterProvider });
    // Three equal batches, with everything in sight of the servers after the first: each series then begins and grows
    // in the same proportion, so that quotients of rates are exact whatever a server extrapolates.
    await traffic.batch();
    await everywhere(traffic.truth);
    await traffic.batch();
    await traffic.batch();
    await everywhere(traffic.truth);
  });

  afterAll(async () => {
    await meterProvider?.shutdown();
    await Promise.all(servers.map((server) => server.stop()));
  });

  /** Waits until every server shows these counts; the wait is the assertion. */
  async function everywhere(counts: Record<string, number>): Promise<void> {
    const expected = JSON.stringify(sorted(counts));
    await Promise.all(
      [...routes].map(([route, server]) =>
        until(
          `${route} to show ${expected}`,
          async () => JSON.stringify(sorted(byLabels(await server.query(TOTAL)))) === expected,
          60_000,
          100,
        ),
      ),
    );
  }

  describe.each(ROUTES)('%s', (route) => {
    const ask = (expression: string): Promise<Sample[]> => (routes.get(route) as MetricsServer).query(expression);

    it('counts what the traffic itself counted, quotes, backslash and newline in a label included', async () => {
      const counts = byLabels(await ask(TOTAL));
      expect(counts).toEqual(traffic.truth);
      expect(counts[`${HOSTILE_MODEL} p chat_completion false success`]).toBe(6);
    });

    it('finds the hostile model by its name', async () => {
      const found = await ask(`sum(${TOTAL}{model=${JSON.stringify(HOSTILE_MODEL)}})`);
      expect(found.map(({ value }) => value)).toEqual([6]);
    });

    it('answers rate() of requests in the proportions of the traffic', async () => {
      const rates = byLabels(await ask(`rate(${TOTAL}[5m])`));
      const sum = Object.values(rates).reduce((total, rate) => total + rate, 0);
      const sent = Object.values(traffic.truth).reduce((total, count) => total + count, 0);
      expect(sum).toBeGreaterThan(0);
      const shares = Object.entries(rates).map(([key, rate]) => [key, (rate / sum) * sent]);
      expect(rounded(Object.fromEntries(shares))).toEqual(traffic.truth);
    });

    it('answers the p95 of request durations', async () => {
      const p95 = await ask('histogram_quantile(0.95, llama_stack_inference_request_duration_seconds_bucket)');
      expect(rounded(byLabels(p95))).toEqual({
        'big p chat_completion true success': inBucket(0.64, 1.28, 0.95),
        'big p chat_completion true cancelled': inBucket(0.32, 0.64, 0.95),
        'big p chat_completion false success': inBucket(1.28, 2.56, 0.95),
        'big p chat_completion false error': inBucket(0.08, 0.16, 0.95),
        [`${HOSTILE_MODEL} p chat_completion false success`]: inBucket(1.28, 2.56, 0.95),
        'small p embeddings false success': inBucket(0.08, 0.16, 0.95),
      });
    });

    it('answers the count of requests in flight', async () => {
      const inFlight = byLabels(await ask('llama_stack_inference_concurrent_requests'));
      expect(inFlight).toEqual({
        'big p chat_completion true -': 0,
        'big p chat_completion false -': 0,
        [`${HOSTILE_MODEL} p chat_completion false -`]: 0,
        'small p embeddings false -': 0,
      });
    });

    it('answers the mean token rate', async () => {
      const mean = await ask(
        'rate(llama_stack_inference_tokens_per_second_sum[5m]) / rate(llama_stack_inference_tokens_per_second_count[5m])',
      );
      expect(rounded(byLabels(mean))).toEqual({
        'big p chat_completion true success': 30,
        'big p chat_completion false success': 50,
        [`${HOSTILE_MODEL} p chat_completion false success`]: 50,
        'small p embeddings false success': 80,
      });
    });

    it('answers the p99 of times to first token, of streams alone', async () => {
      const p99 = await ask('histogram_quantile(0.99, llama_stack_inference_time_to_first_token_seconds_bucket)');
      expect(rounded(byLabels(p99))).toEqual({
        'big p chat_completion true success': inBucket(0.32, 0.64, 0.99),
        'big p chat_completion true cancelled': inBucket(0.32, 0.64, 0.99),
      });
    });
  });

  it('shows a request in flight, and its end, on every route', async () => {
    const end = await traffic.hold('held');
    const inFlight = 'llama_stack_inference_concurrent_requests{model="held"}';
    await answeredEverywhere(inFlight, (value) => value === 1);
    await end();
    await answeredEverywhere(inFlight, (value) => value === 0);
  });

  it('lets rate() see the first error of labels that had none', async () => {
    const rate = `rate(${TOTAL}{model=${JSON.stringify(HOSTILE_MODEL)},status="error"}[5m])`;
    const before = await Promise.all([...routes.values()].map((server) => server.query(rate)));
    expect(before.map((samples) => samples.map(({ value }) => value))).toEqual([[0], [0], [0]]);
    await traffic.send('failure', HOSTILE_MODEL);
    await answeredEverywhere(rate, (value) => value > 0);
  });

  it('counts an error that is the very first request of its labels by the documented query, which rate() misses', async () => {
    await traffic.send('failure', 'firstborn');
    await everywhere(traffic.truth);
    const errors = Object.entries(traffic.truth).filter(([key, count]) => key.endsWith(' error') && count > 0);
    const expected = JSON.stringify(sorted(Object.fromEntries(errors)));
    const query = DOCUMENTED.replace('model, provider', 'model, provider, endpoint_type, stream, status');
    await Promise.all(
      [...routes].map(([route, server]) =>
        until(
          `${route} to count ${expected}`,
          async () => {
            const counted = (await server.query(query)).filter(({ value }) => value > 0);
            return JSON.stringify(sorted(byLabels(counted))) === expected;
          },
          60_000,
          100,
        ),
      ),
    );
    const rate = `rate(${TOTAL}{model="firstborn",status="error"}[5m]) > 0`;
    expect(await Promise.all([...routes.values()].map((server) => server.query(rate)))).toEqual([[], [], []]);
  });

  async function answeredEverywhere(expression: string, isExpected: (value: number) => boolean): Promise<void> {
    await Promise.all(
      [...routes].map(([route, server]) =>
        until(
          `${route} to answer ${expression}`,
          async () => (await server.query(expression)).some(({ value }) => isExpected(value)),
          60_000,
          100,
        ),
      ),
    );
  }
}

function inBucket(low: number, high: number, quantile: number): number {
  return Number((low + (high - low) * quantile).toFixed(6));
}

function rounded(values: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Number(value.toFixed(6))]));
}

function sorted(values: Record<string, number>): [string, number][] {
  return Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
}
