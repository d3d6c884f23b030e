import { DURATION, IN_FLIGHT } from '../signals.js';
import { RATE, type RowOf } from './panel.js';

export const saturationRow: RowOf = (q) => ({
  title: 'Saturation',
  panels: [
    {
      title: 'In flight by model',
      description: 'Requests that run now.',
      type: 'timeseries',
      unit: 'none',
      stacked: true,
      width: 12,
      queries: [{ expr: q.gauge(['model'], IN_FLIGHT), legend: '{{model}}' }],
    },
    {
      title: "In flight, and by Little's law",
      description:
        'Requests in flight are their rate times their mean duration. Lines that part for long: a leaked count, or requests that never end.',
      type: 'timeseries',
      unit: 'none',
      width: 12,
      queries: [
        { expr: `avg_over_time(${q.gauge([], IN_FLIGHT)}[${RATE}:])`, legend: 'counted' },
        { expr: q.rate([], DURATION.sum, RATE), legend: 'rate × mean duration' },
      ],
    },
  ],
});
