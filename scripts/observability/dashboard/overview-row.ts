import { FIRST_TOKEN_WITHIN_SECONDS } from '../objectives.js';
import { cancelledRatio, DURATION, errorRatio, FIRST_TOKEN, IN_FLIGHT, REQUESTS, TOKEN_RATE } from '../signals.js';
import { RATE, type RowOf } from './panel.js';

const BY_MODEL = ['model', 'provider'];

export const overviewRow: RowOf = (q) => ({
  title: 'Overview',
  panels: [
    {
      title: 'Requests',
      description: 'Requests that settled, however they ended.',
      type: 'stat',
      unit: 'reqps',
      queries: [{ expr: q.rate([], REQUESTS.name, RATE) }],
    },
    {
      title: 'Errors',
      description: 'Share of failed requests, those that their client left aside.',
      type: 'stat',
      unit: 'percentunit',
      warnAt: [0.01, 0.05],
      queries: [{ expr: errorRatio(q, [], RATE) }],
    },
    {
      title: 'Cancelled',
      description: 'Share of requests whose client left. High while first tokens are slow: people give up.',
      type: 'stat',
      unit: 'percentunit',
      queries: [{ expr: cancelledRatio(q, [], RATE) }],
    },
    {
      title: 'In flight',
      description: 'Requests that run now.',
      type: 'stat',
      unit: 'none',
      queries: [{ expr: q.gauge([], IN_FLIGHT) }],
    },
    {
      title: 'First token, p95',
      description: 'Streams: from the start of the request to the first output.',
      type: 'stat',
      unit: 's',
      warnAt: [FIRST_TOKEN_WITHIN_SECONDS, 2 * FIRST_TOKEN_WITHIN_SECONDS],
      queries: [{ expr: q.quantile(0.95, [], FIRST_TOKEN, RATE) }],
    },
    {
      title: 'Duration, p95',
      description: 'From the start of a request to its end, streams to their last chunk.',
      type: 'stat',
      unit: 's',
      queries: [{ expr: q.quantile(0.95, [], DURATION, RATE) }],
    },
    {
      title: 'Models',
      description: 'The same figures by model and provider, over the range shown.',
      type: 'table',
      unit: 'none',
      width: 24,
      queries: [
        { legend: 'Requests/s', expr: q.rate(BY_MODEL, REQUESTS.name, '$__range') },
        { legend: 'Errors', expr: errorRatio(q, BY_MODEL, '$__range') },
        { legend: 'Cancelled', expr: cancelledRatio(q, BY_MODEL, '$__range') },
        { legend: 'In flight', expr: q.gauge(BY_MODEL, IN_FLIGHT) },
        { legend: 'First token p95', expr: q.quantile(0.95, BY_MODEL, FIRST_TOKEN, '$__range') },
        { legend: 'Duration p95', expr: q.quantile(0.95, BY_MODEL, DURATION, '$__range') },
        { legend: 'Tokens/s p50', expr: q.quantile(0.5, BY_MODEL, TOKEN_RATE, '$__range') },
      ],
    },
  ],
});
