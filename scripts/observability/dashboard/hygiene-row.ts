import { INSTRUMENTS, prometheusName } from '../instruments.js';
import { REQUESTS } from '../signals.js';
import { RATE, type RowOf } from './panel.js';

export const hygieneRow: RowOf = (q) => {
  const names = INSTRUMENTS.map(({ name }) => q.name(prometheusName(name))).join('|');
  const any = `__name__=~"(${names})(_bucket|_count|_sum)?"`;
  const folded = ['model', 'provider', 'endpoint_type'].map((label) => ({
    expr: q.share(
      `(${q.rate([], REQUESTS.name, RATE, `${label}="_other"`)} or ${q.rate([], REQUESTS.name, RATE)} * 0)`,
      q.rate([], REQUESTS.name, RATE),
    ),
    legend: label,
  }));
  return {
    title: 'Hygiene',
    panels: [
      {
        title: 'Series by metric',
        description: 'What the metrics cost in storage. A histogram has one series for each bucket.',
        type: 'table',
        unit: 'none',
        width: 12,
        queries: [{ expr: `sort_desc(count by (__name__) ({${any}}))`, legend: 'Series' }],
      },
      {
        title: 'Requests under a folded label',
        description: 'Share of requests recorded as _other because the label has reached its limit.',
        type: 'timeseries',
        unit: 'percentunit',
        width: 8,
        queries: folded,
      },
      {
        title: 'Overflow in the SDK',
        description: 'Series that the OpenTelemetry SDK folded into one. Must be 0: counts in flight go wrong there.',
        type: 'stat',
        unit: 'none',
        width: 4,
        warnAt: [1, 1],
        queries: [{ expr: `count({${any},otel_metric_overflow="true"}) or vector(0)` }],
      },
    ],
  };
};
