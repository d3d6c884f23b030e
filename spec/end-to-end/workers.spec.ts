import { jest } from '@jest/globals';
import { parsePrometheusText } from '../../samples/gateway/traffic/prometheus-text.js';
import { until } from '../support/until.js';
import { describeWith } from './support/backends.js';
import { GatewayProcess } from './support/gateway-process.js';
import type { MetricsServer } from './support/prometheus.js';
import { type OtlpServer, startVictoriaMetrics } from './support/victoria-metrics.js';

jest.setTimeout(240_000);

const TOTAL = 'llama_stack_inference_requests_total';
const IN_FLIGHT = 'llama_stack_inference_concurrent_requests';

// One story: traffic, a worker's sudden death, an orderly end.
describeWith(['victoria-metrics'], 'a gateway of several workers that exports by OTLP', () => {
  let victoria: MetricsServer & OtlpServer;
  let gateway: GatewayProcess;

  beforeAll(async () => {
    victoria = await startVictoriaMetrics();
    gateway = await GatewayProcess.start(['--workers', '2'], {
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: victoria.otlpUrl,
      OTEL_METRIC_EXPORT_INTERVAL: '1000',
      // One id for all would make their counters overwrite each other.
      OTEL_RESOURCE_ATTRIBUTES: 'service.instance.id=shared',
      TOKENS_PER_SECOND: '5',
    });
  });

  afterAll(async () => {
    await gateway?.stop();
    await victoria?.stop();
  });

  async function value(expression: string): Promise<number | undefined> {
    return (await victoria.query(expression))[0]?.value;
  }

  function becomes(expression: string, expected: number): Promise<boolean> {
    const isSo = async () => (await value(expression)) === expected;
    return until(`${expression} to become ${expected}`, isSo, 60_000, 100);
  }

  /** The worker with the most requests in flight, and how many. */
  async function busiestWorker(): Promise<[worker: string, inFlight: number]> {
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    const counts = new Map<string, number>();
    for (const { name, labels, value: inFlight } of parsePrometheusText(text)) {
      const worker = labels['worker'] ?? '';
      if (name === IN_FLIGHT) counts.set(worker, (counts.get(worker) ?? 0) + inFlight);
    }
    return [...counts].reduce((most, one) => (one[1] > most[1] ? one : most));
  }

  it('adds up over its workers, each under an id of its own', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => gateway.chat(1)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    await becomes(`sum(${TOTAL})`, 20);
    expect(await value(`count(count by (service_instance_id) (${TOTAL}{status="success"}))`)).toBe(2);
    expect(await value(`sum(${IN_FLIGHT})`)).toBe(0);
  });

  it('tells of all workers whichever one is scraped', async () => {
    for (let scrape = 0; scrape < 4; scrape++) {
      const response = await fetch(`${gateway.url}/metrics`, { headers: { connection: 'close' } });
      const samples = parsePrometheusText(await response.text()).filter(({ name }) => name === TOTAL);
      expect(new Set(samples.map(({ labels }) => labels['worker']))).toEqual(new Set(gateway.workers.keys()));
      expect(samples.reduce((sum, sample) => sum + sample.value, 0)).toBe(20);
    }
  });

  it('loses the count of a worker that was killed from the documented query, within its window', async () => {
    const leave = new AbortController();
    const streams = Array.from({ length: 4 }, () => gateway.chat(256, { stream: true, signal: leave.signal }));
    await Promise.all(streams);
    await becomes(`sum(${IN_FLIGHT})`, 4);
    const [victim, held] = await busiestWorker();
    process.kill(gateway.workers.get(victim) ?? 0, 'SIGKILL');
    await until('another worker', () => gateway.workers.size === 3, 30_000, 50);
    leave.abort();
    await becomes(`sum(last_over_time(${IN_FLIGHT}[5s]))`, 0);
    // What makes the query necessary: a plain sum goes on to count what the dead worker said last.
    expect(await value(`sum(${IN_FLIGHT})`)).toBe(held);
    expect(gateway.output).toContain('died (SIGKILL); another one takes its place');
  });

  it('loses nothing on SIGTERM, in the middle of streams', async () => {
    const successes = `sum(${TOTAL}{status="success"})`;
    const before = (await value(successes)) ?? 0;
    const streams = await Promise.all(Array.from({ length: 6 }, () => gateway.chat(8, { stream: true })));
    const code = gateway.stop();
    const texts = await Promise.all(streams.map((response) => response.text()));
    expect(texts.filter((text) => text.trimEnd().endsWith('data: [DONE]'))).toHaveLength(6);
    expect(await code).toBe(0);
    await becomes(successes, before + 6);
    expect(gateway.output).toMatch(/2 workers stopped\n$/);
    expect(gateway.output).not.toContain('lost');
  });
});
