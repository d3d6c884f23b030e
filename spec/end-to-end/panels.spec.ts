import { readFileSync } from 'node:fs';
import { jest } from '@jest/globals';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import OpenAI from 'openai';
import { startGateway } from '../../samples/gateway/gateway.js';
import { runLoad } from '../../samples/gateway/traffic/load.js';
import { filledIn, panelExpressions, RULES } from '../observability/support/dashboard-file.js';
import { until } from '../support/until.js';
import { describeWith } from './support/backends.js';
import { KnownTraffic } from './support/known-traffic.js';
import { type MetricsServer, startPrometheus } from './support/prometheus.js';
import { freePort } from './support/server-process.js';

jest.setTimeout(240_000);

const PREFIX = 'acme_';

describeWith(['prometheus'], 'the dashboard, on a live Prometheus with the rules loaded', () => {
  let prometheus: MetricsServer;
  let meterProvider: MeterProvider;

  beforeAll(async () => {
    const port = await freePort();
    meterProvider = new MeterProvider({ readers: [new PrometheusExporter({ host: '127.0.0.1', port })] });
    const rules = readFileSync(RULES, 'utf8');
    // What the head of the rule file tells those whose collector adds a namespace.
    const prefixedRules = rules.replace(/\bllama_stack_inference_/g, `${PREFIX}$&`);
    prometheus = await startPrometheus({ scrape: [port], rules: [rules, prefixedRules], prefix: PREFIX });
    const traffic = new KnownTraffic({ meterProvider });
    await traffic.batch();
    // Both scrape jobs must have seen a first batch before the second, or one of them has no rate.
    for (const prefix of ['', PREFIX]) await seen(`sum(${prefix}llama_stack_inference_requests_total) == 18`);
    await traffic.batch();
    // The slowest of what the panels read: rules, group by group, over rates over scrapes.
    for (const prefix of ['', PREFIX]) {
      for (const ratio of [
        'errors:ratio_rate1h',
        'errors:ratio_rate3d',
        'slow_first_tokens:ratio_rate1h',
        'slow_first_tokens:ratio_rate3d',
      ]) {
        await seen(`model_provider_endpoint_type:${prefix}llama_stack_inference_${ratio}`);
      }
    }
  });

  afterAll(async () => {
    await meterProvider?.shutdown();
    await prometheus?.stop();
  });

  function seen(expression: string): Promise<unknown> {
    return until(expression, async () => (await prometheus.query(expression)).length > 0, 60_000, 100);
  }

  const expressions = panelExpressions().map(({ name, expr }) => [name, expr] as const);

  it.each(expressions)('shows something: %s', async (_, expr) => {
    const values = (await prometheus.query(filledIn(expr))).map(({ value }) => value);
    expect(values.length).toBeGreaterThan(0);
    // Whatever divides by nothing shows nothing, not NaN.
    expect(values.filter((value) => Number.isNaN(value))).toEqual([]);
  });

  it.each(expressions)('shows the same behind a prefix: %s', async (_, expr) => {
    expect((await prometheus.query(filledIn(expr, PREFIX))).length).toBeGreaterThan(0);
  });

  it('offers the models, providers and endpoints to filter by', async () => {
    const labels = await prometheus.query(
      'group by (model, provider, endpoint_type) (llama_stack_inference_requests_total)',
    );
    expect(new Set(labels.map((sample) => sample.labels['model'])).size).toBe(3);
  });

  it('tells of errors and hang-ups what the traffic did', async () => {
    const byTitle = new Map(panelExpressions().map(({ name, expr }) => [name, filledIn(expr)]));
    const value = async (name: string) => (await prometheus.query(byTitle.get(name) ?? ''))[0]?.value;
    // Of 18 requests 2 failed and 1 was left, so 17 say something about the service.
    expect(await value('Errors A')).toBeCloseTo(2 / 17, 9);
    expect(await value('Cancelled A')).toBeCloseTo(1 / 18, 9);
    expect(await value('First tokens within 2.56 s A')).toBe(1);
    expect(await value('In flight A')).toBe(0);
    expect(await value('Overflow in the SDK A')).toBe(0);
  });

  it('loads every rule without an error', async () => {
    const response = await fetch(`${prometheus.url}/api/v1/rules`);
    const { data } = (await response.json()) as {
      data: { groups: { rules: { health: string; lastError?: string }[] }[] };
    };
    const rules = data.groups.flatMap((group) => group.rules);
    expect(rules.length).toBeGreaterThan(100);
    expect(rules.filter(({ health }) => health === 'err').map(({ lastError }) => lastError)).toEqual([]);
  });
});

describeWith(['prometheus'], 'the dashboard, while the sample gateway has its sample traffic', () => {
  it('shows something in every panel', async () => {
    const gateway = await startGateway({ port: 0, tokensPerSecond: 0 });
    const prometheus = await startPrometheus({
      scrape: [Number(new URL(gateway.url).port)],
      rules: [readFileSync(RULES, 'utf8')],
    });
    const leave = new AbortController();
    const load = runLoad({
      client: new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'none', maxRetries: 0 }),
      concurrency: 4,
      until: leave.signal,
      onStart: () => {},
      onEnd: () => {},
    });
    const waiting = new Map(panelExpressions().map(({ name, expr }) => [name, filledIn(expr)]));
    try {
      await until(
        'every panel',
        async () => {
          for (const [name, expression] of waiting) {
            if ((await prometheus.query(expression)).length > 0) waiting.delete(name);
          }
          return waiting.size === 0;
        },
        120_000,
        250,
      ).catch(() => {});
      expect([...waiting.keys()]).toEqual([]);
    } finally {
      leave.abort();
      await load;
      await gateway.close(1_000);
      await prometheus.stop();
    }
  });
});
