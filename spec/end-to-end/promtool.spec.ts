import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { parse, stringify } from 'yaml';
import { ALERT_TESTS, ROOT, RULES } from '../observability/support/dashboard-file.js';
import { describeWith, pathOf } from './support/backends.js';
import { KnownTraffic } from './support/known-traffic.js';

interface Verdict {
  readonly status: number | null;
  readonly output: string;
}

function promtool(args: readonly string[], input = ''): Verdict {
  const { status, stdout, stderr } = spawnSync(pathOf('promtool'), args, { encoding: 'utf8', input });
  return { status, output: stdout + stderr };
}

describeWith(['promtool'], 'promtool', () => {
  const folder = mkdtempSync(join(tmpdir(), 'track-inference-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs the unit tests of one alert over rules in which `from` has become `to`. */
  function testedWith(alert: string, from: string, to: string): Verdict {
    const rules = readFileSync(RULES, 'utf8');
    expect(rules).toContain(from);
    writeFileSync(join(folder, 'track-inference.rules.yml'), rules.replaceAll(from, to));
    const file = parse(readFileSync(ALERT_TESTS, 'utf8')) as { tests: { alert_rule_test: { alertname: string }[] }[] };
    const tests = file.tests.filter((test) => test.alert_rule_test.some(({ alertname }) => alertname === alert));
    writeFileSync(join(folder, 'track-inference.test.yml'), stringify({ ...file, tests }));
    return promtool(['test', 'rules', join(folder, 'track-inference.test.yml')]);
  }

  it('finds the rule file valid', () => {
    expect(promtool(['check', 'rules', '--lint-fatal', RULES])).toMatchObject({ status: 0 });
  });

  it('finds the configuration of the compose file valid, rules included', () => {
    expect(promtool(['check', 'config', join(ROOT, 'observability/prometheus/prometheus.yml')])).toMatchObject({
      status: 0,
    });
  });

  it('sees every alert fire and stay silent as its unit tests say', () => {
    expect(promtool(['test', 'rules', ALERT_TESTS])).toMatchObject({ status: 0 });
  });

  it.each([
    ['a client that leaves counts as a good request', 'ErrorBudgetBurn', 'status!="cancelled"', 'status=~".*"'],
    ['the error budget is a tenth', 'ErrorBudgetBurn', '14.4 * 0.01', '14.4 * 0.1'],
    ['the short window is forgotten', 'ErrorBudgetBurn', 'ratio_rate5m > ', 'ratio_rate1h > '],
    ['the guard of few events is gone', 'ErrorBudgetBurn', '* 3600 > 50', '* 3600 > 0'],
    ['counts below zero are summed up', 'ConcurrencyNegative', 'min by', 'sum by'],
    ['the first token may take twice as long', 'FirstTokenBudgetBurn', 'le="2.56"', 'le="5.12"'],
  ])('sees them fail when %s', (_, alert, from, to) => {
    expect(testedWith(`Inference${alert}`, from, to)).toMatchObject({ status: 1 });
  });

  it('finds nothing to complain of in what a scrape returns', async () => {
    const exporter = new PrometheusExporter({ preventServerStart: true });
    const meterProvider = new MeterProvider({ readers: [exporter] });
    await new KnownTraffic({ meterProvider }).batch();
    const { resourceMetrics } = await exporter.collect();
    const text = new PrometheusSerializer(undefined, false, undefined, false, true).serialize(resourceMetrics);
    expect(promtool(['check', 'metrics'], text)).toEqual({ status: 0, output: '' });
    await meterProvider.shutdown();
  });
});
