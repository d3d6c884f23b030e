import { FIRST_TOKEN_WITHIN_SECONDS, OBJECTIVES } from '../objectives.js';
import { RECORDED } from '../rules/recording.js';
import { KEPT } from '../rules/rule.js';
import { FIRST_TOKEN } from '../signals.js';
import type { Panel, RowOf } from './panel.js';
import { RATE } from './panel.js';

/** Reads what the rule file records, so that the dashboard and the alerts cannot disagree. */
export const objectivesRow: RowOf = (q) => ({
  title: 'Objectives (need the recording rules)',
  panels: [
    {
      title: `First tokens within ${FIRST_TOKEN_WITHIN_SECONDS} s`,
      description: 'Share of streams whose first token came in time. Straight from the metric, no rules needed.',
      type: 'timeseries',
      unit: 'percentunit',
      width: 24,
      queries: [{ expr: q.within(FIRST_TOKEN_WITHIN_SECONDS, ['model'], FIRST_TOKEN, RATE), legend: '{{model}}' }],
    },
    ...OBJECTIVES.flatMap(({ promise, badRatio, budget }): Panel[] => {
      const ratio = (window: string) => q.recorded(KEPT, RECORDED[badRatio], `ratio_rate${window}`);
      return [
        {
          title: `Burn rate: ${promise}`,
          description:
            'How many times faster than allowed the budget goes, over an hour. 1 uses it up exactly; 14.4 pages.',
          type: 'timeseries',
          unit: 'none',
          width: 8,
          warnAt: [1, 14.4],
          queries: [{ expr: `${ratio('1h')} / ${budget}`, legend: '{{model}} {{provider}} {{endpoint_type}}' }],
        },
        {
          title: `Budget left: ${promise}`,
          description: 'Of the last three days, the worst model.',
          type: 'gauge',
          unit: 'percentunit',
          width: 4,
          lowIsBad: true,
          warnAt: [0.5, 0.1],
          queries: [{ expr: `min(clamp_min(1 - ${ratio('3d')} / ${budget}, 0))` }],
        },
      ];
    }),
  ],
});
