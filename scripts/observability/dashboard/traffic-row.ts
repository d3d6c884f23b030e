import { REQUESTS } from '../signals.js';
import { RATE, type RowOf } from './panel.js';

export const trafficRow: RowOf = (q) => ({
  title: 'Traffic',
  panels: [
    {
      title: 'Requests by model',
      description: 'Requests that settled.',
      type: 'timeseries',
      unit: 'reqps',
      stacked: true,
      queries: [{ expr: q.rate(['model'], REQUESTS.name, RATE), legend: '{{model}}' }],
    },
    {
      title: 'Requests by endpoint and stream',
      description: 'Streams and whole answers differ in everything; read their latencies apart.',
      type: 'timeseries',
      unit: 'reqps',
      stacked: true,
      queries: [
        {
          expr: q.rate(['endpoint_type', 'stream'], REQUESTS.name, RATE),
          legend: '{{endpoint_type}}, stream {{stream}}',
        },
      ],
    },
    {
      title: 'Requests by how they ended',
      description: 'success, error, or cancelled: the client left.',
      type: 'timeseries',
      unit: 'reqps',
      stacked: true,
      queries: [{ expr: q.rate(['status'], REQUESTS.name, RATE), legend: '{{status}}' }],
    },
    {
      title: 'Errors by model and provider',
      description: 'An error with no provider failed before the router had chosen one.',
      type: 'timeseries',
      unit: 'reqps',
      width: 12,
      queries: [
        {
          expr: q.rate(['model', 'provider'], REQUESTS.name, RATE, 'status="error"'),
          legend: '{{model}} {{provider}}',
        },
      ],
    },
    {
      title: 'Cancelled by model and provider',
      description: 'Clients that left before the end.',
      type: 'timeseries',
      unit: 'reqps',
      width: 12,
      queries: [
        {
          expr: q.rate(['model', 'provider'], REQUESTS.name, RATE, 'status="cancelled"'),
          legend: '{{model}} {{provider}}',
        },
      ],
    },
  ],
});
