import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { llamaStack } from '../../lib/metrics/vocabularies/llama-stack.js';
import { prometheusName } from '../../scripts/observability/instruments.js';
import { PromQL } from '../../scripts/observability/promql.js';
import { FIRST_TOKEN } from '../../scripts/observability/signals.js';
import { ALERT_TESTS, RULES } from './support/dashboard-file.js';
import { promqlErrors } from './support/promql-errors.js';

interface RuleJson {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Record<string, string>;
}
interface AlertTestJson {
  readonly alert_rule_test: readonly {
    readonly alertname: string;
    readonly exp_alerts: readonly { exp_labels: Record<string, string> }[];
  }[];
}

const rules = (parse(readFileSync(RULES, 'utf8')) as { groups: { rules: RuleJson[] }[] }).groups.flatMap(
  (g) => g.rules,
);
const cases = (parse(readFileSync(ALERT_TESTS, 'utf8')) as { tests: AlertTestJson[] }).tests.flatMap(
  (test) => test.alert_rule_test,
);

describe('the rule file', () => {
  it.each(
    rules.map(({ record, alert, labels, expr }) => [record ?? `${alert} ${labels?.['long_window'] ?? ''}`, expr]),
  )('asks well-formed PromQL: %s', (_, expr) => expect(promqlErrors(expr)).toEqual([]));

  it('asks only for metrics of the instrument table and for what it records itself', () => {
    const metrics = [llamaStack.inFlight, ...llamaStack.settled].map(({ name }) => prometheusName(name));
    const known = new Set([
      ...metrics.flatMap((name) => [name, `${name}_bucket`, `${name}_sum`, `${name}_count`]),
      ...rules.flatMap(({ record }) => record ?? []),
      'llama_stack_inference_.',
    ]);
    const asked = rules.flatMap(({ expr }) => expr.match(/[\w:]*llama_stack_inference_[\w:.]*/g) ?? []);
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
  });

  it('has a unit test that fires and one that stays silent for every alert, and one for every pair of windows', () => {
    const alerts = rules.flatMap(({ alert, labels }) => (alert ? [{ alert, labels }] : []));
    for (const { alert, labels = {} } of alerts) {
      const fired = cases
        .filter(({ alertname }) => alertname === alert)
        .flatMap(({ exp_alerts }) => exp_alerts)
        .filter(({ exp_labels }) => Object.entries(labels).every(([name, value]) => exp_labels[name] === value));
      expect([alert, labels, fired.length > 0]).toEqual([alert, labels, true]);
      expect([alert, cases.some((one) => one.alertname === alert && one.exp_alerts.length === 0)]).toEqual([
        alert,
        true,
      ]);
    }
  });
});

describe('PromQL', () => {
  const q = new PromQL({ prefix: '', filter: '' });

  it('refuses a threshold that is no bucket edge, and one that routes spell in different ways', () => {
    expect(() => q.within(2.5, [], FIRST_TOKEN, '5m')).toThrow('2.5 is no bucket edge');
    expect(() => q.within(1, [], { ...FIRST_TOKEN, boundaries: [1] }, '5m')).toThrow('whole edge');
    expect(q.within(2.56, ['model'], FIRST_TOKEN, '5m')).toBe(
      'sum by (model) (rate(llama_stack_inference_time_to_first_token_seconds_bucket{le="2.56"}[5m])) / ' +
        '(sum by (model) (rate(llama_stack_inference_time_to_first_token_seconds_count[5m])) > 0)',
    );
  });
});
