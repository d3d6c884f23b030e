import { BURN_WINDOWS, type BurnWindow, ENOUGH_EVENTS, OBJECTIVES, type Objective } from '../objectives.js';
import type { PromQL } from '../promql.js';
import { RECORDED } from './recording.js';
import { type AlertingRule, KEPT, type RuleGroup, WHO } from './rule.js';

/** Multi-window, multi-burn-rate alerts: one for each objective and pair of windows. */
export function burnRateAlerts(q: PromQL): RuleGroup {
  return {
    name: 'inference_objective_alerts',
    rules: OBJECTIVES.flatMap((objective) => BURN_WINDOWS.map((window) => alert(q, objective, window))),
  };
}

function alert(q: PromQL, objective: Objective, window: BurnWindow): AlertingRule {
  const { budget, promise } = objective;
  const { long, longSeconds, short, burnRate, severity } = window;
  if (burnRate * budget >= 1) throw new Error(`${objective.alert}: a burn rate of ${burnRate} cannot be reached.`);
  const ratio = (range: string) => q.recorded(KEPT, RECORDED[objective.badRatio], `ratio_rate${range}`);
  const events = q.recorded(KEPT, RECORDED[objective.events], `rate${long}`);
  const limit = `(${burnRate} * ${budget})`;
  return {
    alert: objective.alert,
    expr: [
      `${ratio(long)} > ${limit}`,
      `and ${ratio(short)} > ${limit}`,
      `and ${events} * ${longSeconds} > ${ENOUGH_EVENTS}`,
    ].join('\n'),
    labels: { severity, long_window: long, short_window: short },
    annotations: {
      summary: `${promise}: the budget burns ${burnRate}x too fast (${long} and ${short}) for ${WHO}`,
      description: `{{ $value | humanizePercentage }} were bad over ${long}; ${budget * 100} % may be.`,
    },
  };
}
