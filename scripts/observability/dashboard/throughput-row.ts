import { TOKEN_RATE } from '../signals.js';
import { RATE, type RowOf } from './panel.js';

export const throughputRow: RowOf = (q) => ({
  title: 'Throughput',
  panels: [
    {
      title: 'Tokens/s of one request, p50 and p95 by model',
      description: 'Total tokens over the duration of the request, for requests whose provider stated its usage.',
      type: 'timeseries',
      unit: 'none',
      queries: [
        { expr: q.quantile(0.5, ['model'], TOKEN_RATE, RATE), legend: '{{model}} p50' },
        { expr: q.quantile(0.95, ['model'], TOKEN_RATE, RATE), legend: '{{model}} p95' },
      ],
    },
    {
      title: 'Tokens/s of one request, mean by model',
      description: 'Mean of the rates of single requests, each weighing the same.',
      type: 'timeseries',
      unit: 'none',
      queries: [{ expr: q.mean(['model'], TOKEN_RATE, RATE), legend: '{{model}}' }],
    },
    {
      title: 'Slow streams, p5 of tokens/s',
      description: 'One stream in twenty is slower than this. Reading speed is about 5 tokens/s.',
      type: 'timeseries',
      unit: 'none',
      queries: [{ expr: q.quantile(0.05, ['model'], TOKEN_RATE, RATE, 'stream="true"'), legend: '{{model}}' }],
    },
  ],
});
