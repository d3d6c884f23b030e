import type { HistogramSeries } from '../instruments.js';
import type { PromQL } from '../promql.js';
import { DURATION, FIRST_TOKEN, leftBeforeFirstTokenRatio, overheadSeconds } from '../signals.js';
import { type Panel, type PanelQuery, RATE, type RowOf } from './panel.js';

export const latencyRow: RowOf = (q) => ({
  title: 'Latency',
  panels: [
    {
      title: 'Time to first token',
      description: 'Streams: from the start of the request to the first output of any kind.',
      type: 'timeseries',
      unit: 's',
      queries: spread(q, FIRST_TOKEN),
    },
    heatmap(q, 'Time to first token, spread', FIRST_TOKEN),
    {
      title: 'Left before the first token',
      description: 'Share of streams whose client gave up waiting. They are missing from every time to first token.',
      type: 'timeseries',
      unit: 'percentunit',
      queries: [{ expr: leftBeforeFirstTokenRatio(q, ['model'], RATE), legend: '{{model}}' }],
    },
    {
      title: 'Request duration',
      description: 'From the start of a request to its end, streams to their last chunk.',
      type: 'timeseries',
      unit: 's',
      queries: spread(q, DURATION),
    },
    heatmap(q, 'Request duration, spread', DURATION),
    {
      title: 'Duration p95 by how it ended',
      description: 'Errors much faster than successes: refused. Much slower: timeouts.',
      type: 'timeseries',
      unit: 's',
      queries: [{ expr: q.quantile(0.95, ['status'], DURATION, RATE), legend: '{{status}}' }],
    },
    {
      title: 'Time to first token p95 by model',
      description: 'Streams.',
      type: 'timeseries',
      unit: 's',
      queries: [{ expr: q.quantile(0.95, ['model'], FIRST_TOKEN, RATE), legend: '{{model}}' }],
    },
    {
      title: 'Duration p95 by provider',
      description: 'The same model may be served by several.',
      type: 'timeseries',
      unit: 's',
      queries: [{ expr: q.quantile(0.95, ['provider'], DURATION, RATE), legend: '{{provider}}' }],
    },
    {
      title: 'Router overhead',
      description: 'Mean request duration less mean time in the model: queueing, retries, routing.',
      type: 'timeseries',
      unit: 's',
      queries: [{ expr: overheadSeconds(q, ['model'], RATE), legend: '{{model}}' }],
    },
  ],
});

function spread(q: PromQL, histogram: HistogramSeries): PanelQuery[] {
  const quantiles = [0.5, 0.95, 0.99].map((quantile) => ({
    expr: q.quantile(quantile, [], histogram, RATE),
    legend: `p${quantile * 100}`,
  }));
  return [...quantiles, { expr: q.mean([], histogram, RATE), legend: 'mean' }];
}

function heatmap(q: PromQL, title: string, histogram: HistogramSeries): Panel {
  const increase = `increase(${q.select(histogram.bucket)}[${RATE}])`;
  return {
    title,
    description: 'Two bands are two populations, which no quantile shows.',
    type: 'heatmap',
    unit: 's',
    queries: [{ expr: q.sum(['le'], increase), legend: '{{le}}' }],
  };
}
