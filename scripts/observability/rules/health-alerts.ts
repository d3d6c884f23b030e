import { FIRST_TOKEN_WITHIN_SECONDS, FOLDED_REQUESTS, LEFT_BEFORE_FIRST_TOKEN } from '../objectives.js';
import type { PromQL } from '../promql.js';
import { FIRST_TOKEN, IN_FLIGHT, REQUESTS } from '../signals.js';
import { RECORDED } from './recording.js';
import { type AlertingRule, KEPT, type RuleGroup, WHO } from './rule.js';

const FOLDING_LABELS = ['model', 'provider', 'endpoint_type'];

/** Alerts on what is wrong with the service beyond its objectives, and on what is wrong with the numbers themselves. */
export function healthAlerts(q: PromQL): RuleGroup {
  return {
    name: 'inference_health_alerts',
    rules: [
      clientsLeave(q),
      concurrencyNegative(q),
      concurrencyStuck(q),
      ...FOLDING_LABELS.map((label) => labelOverflow(q, label)),
      sdkOverflow(q),
      thresholdMissing(q),
    ],
  };
}

function clientsLeave(q: PromQL): AlertingRule {
  const streams = q.rate(KEPT, REQUESTS.name, '30m', 'stream="true"');
  return {
    alert: 'InferenceClientsLeaveBeforeFirstToken',
    expr: [
      `${q.recorded(KEPT, RECORDED.left_before_first_token, 'ratio_rate30m')} > ${LEFT_BEFORE_FIRST_TOKEN}`,
      `and ${streams} * 1800 > 50`,
    ].join('\n'),
    for: '15m',
    labels: { severity: 'ticket' },
    annotations: {
      summary: `{{ $value | humanizePercentage }} of streams are left before their first token: ${WHO}`,
      description: 'They have no time to first token, so its quantiles and its objective look better than it is.',
    },
  };
}

/** Each series by itself: summed up, the +1 of one that leaks would hide the −1 of another. */
function concurrencyNegative(q: PromQL): AlertingRule {
  return {
    alert: 'InferenceConcurrencyNegative',
    expr: `min by (${KEPT.join(', ')}) (${q.select(IN_FLIGHT.name)}) < 0`,
    for: '5m',
    labels: { severity: 'ticket' },
    annotations: {
      summary: `The count of requests in flight is below zero for ${WHO}`,
      description:
        'A +1 and its -1 had different attributes, or the -1 came twice. Or two processes share one identity.',
    },
  };
}

function concurrencyStuck(q: PromQL): AlertingRule {
  const settled = q.sum(KEPT, `increase(${q.select(REQUESTS.name)}[30m])`);
  return {
    alert: 'InferenceConcurrencyStuck',
    expr: [`${q.recorded(KEPT, IN_FLIGHT.name, 'sum')} > 0`, `unless on (${KEPT.join(', ')}) (${settled} > 0)`].join(
      '\n',
    ),
    for: '30m',
    labels: { severity: 'ticket' },
    annotations: {
      summary: `Requests are in flight, none ended for an hour: ${WHO}`,
      description: 'The upstream hangs, or something took a +1 and lost it.',
    },
  };
}

function labelOverflow(q: PromQL, label: string): AlertingRule {
  return {
    alert: 'InferenceLabelOverflow',
    expr: `${q.share(q.rate([], REQUESTS.name, '1h', `${label}="_other"`), q.rate([], REQUESTS.name, '1h'))} > ${FOLDED_REQUESTS}`,
    for: '10m',
    labels: { severity: 'ticket', label },
    annotations: {
      summary: `{{ $value | humanizePercentage }} of requests are recorded under ${label}="_other"`,
      description:
        'The label has reached its limit: raise labelLimits, name the models that matter in allowedModels, or refuse unknown ones before they are tracked.',
    },
  };
}

function sdkOverflow(q: PromQL): AlertingRule {
  return {
    alert: 'InferenceSeriesOverflow',
    expr: `count({__name__=~"${q.name('llama_stack_inference_.+')}",otel_metric_overflow="true"}) > 0`,
    for: '10m',
    labels: { severity: 'ticket' },
    annotations: {
      summary: 'The OpenTelemetry SDK folds {{ $value }} series of the inference metrics into one without labels',
      description:
        'More attribute sets than its limit per instrument (2,000 by default). Counts of requests in flight go wrong there.',
    },
  };
}

function thresholdMissing(q: PromQL): AlertingRule {
  const edge = q.select(FIRST_TOKEN.bucket, `le="${FIRST_TOKEN_WITHIN_SECONDS}"`);
  return {
    alert: 'InferenceFirstTokenThresholdMissing',
    expr: `count(${q.select(FIRST_TOKEN.count)}) > 0\nunless count(${edge}) > 0`,
    for: '15m',
    labels: { severity: 'ticket' },
    annotations: {
      summary: `Times to first token arrive without a bucket that ends at ${FIRST_TOKEN_WITHIN_SECONDS} s`,
      description:
        'Without it the alerts on slow first tokens can never fire. Other buckets were set; set the objective to one of their edges.',
    },
  };
}
