import type { SettledInference } from '../settled-inference.js';
import type { SettledInstrument } from './vocabulary.js';

/** Metrics that are recorded only where they are asked for. */
export type Extra = 'tokens' | 'time_per_output_token' | 'attempts';

/** What a request has to meet to count as good, in seconds; all that are given at once. */
export interface ServiceLevels {
  /** Method entry to first output; asked of streams. @default not asked */
  timeToFirstTokenSeconds?: number | undefined;
  /** (duration − time to first token) / (output tokens − 1); asked of streams that state at least two output tokens. @default not asked */
  timePerOutputTokenSeconds?: number | undefined;
  /** Method entry to settled; asked of every request. @default not asked */
  requestDurationSeconds?: number | undefined;
}

/** OpenTelemetry's own edges for the time of one token. */
export const SECONDS_PER_TOKEN = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5];

const inputTokens: SettledInstrument = {
  name: 'llama_stack.inference.input_tokens_total',
  kind: 'counter',
  unit: '{token}',
  description: 'Total number of input tokens, cached ones apart',
  each({ labels, status, usage }, record) {
    if (usage?.inputTokens === undefined) return;
    const cached = Math.min(usage.cachedInputTokens ?? 0, usage.inputTokens);
    record(usage.inputTokens - cached, labels.settledWith(status, 'cached', false));
    if (cached > 0) record(cached, labels.settledWith(status, 'cached', true));
  },
};

const outputTokens: SettledInstrument = {
  name: 'llama_stack.inference.output_tokens_total',
  kind: 'counter',
  unit: '{token}',
  description: 'Total number of output tokens, reasoning ones apart',
  each({ labels, status, usage }, record) {
    if (usage?.outputTokens === undefined) return;
    const reasoning = Math.min(usage.reasoningTokens ?? 0, usage.outputTokens);
    record(usage.outputTokens - reasoning, labels.settledWith(status, 'reasoning', false));
    if (reasoning > 0) record(reasoning, labels.settledWith(status, 'reasoning', true));
  },
};

const timePerOutputToken: SettledInstrument = {
  name: 'llama_stack.inference.time_per_output_token_seconds',
  kind: 'histogram',
  unit: 's',
  description: 'Time per output token after the first one',
  boundaries: SECONDS_PER_TOKEN,
  value: secondsPerOutputToken,
};

const attempts: SettledInstrument = {
  name: 'llama_stack.inference.attempts_total',
  kind: 'counter',
  unit: '{attempt}',
  description: 'Total number of attempts that requests took: nested calls, by their own provider and status',
  each({ attempts: made, labels, status }, record) {
    if (made === undefined) record(1, labels.settledAs(status));
    else for (const [attributes, count] of made) record(count, attributes);
  },
};

/** The instruments of each extra. */
export const EXTRAS: { readonly [extra in Extra]: readonly SettledInstrument[] } = {
  tokens: [inputTokens, outputTokens],
  time_per_output_token: [timePerOutputToken],
  attempts: [attempts],
};

/**
 * Counts requests by whether they met all of the levels at once, which separate histograms cannot tell.
 *
 * A failed request did not. A level that a request gives no figure for, as the first token of a value, is not asked of it;
 * a stream that counts as cancelled before its first token is judged by how long its consumer had waited.
 */
export function sloRequests(levels: ServiceLevels): SettledInstrument {
  return {
    name: 'llama_stack.inference.slo_requests_total',
    kind: 'counter',
    unit: '{request}',
    description: 'Total number of inference requests, by whether they met the service levels',
    each(call, record) {
      record(1, call.labels.settledWith(call.status, 'slo_met', meets(call, levels)));
    },
  };
}

/** (duration − time to first token) / (output tokens − 1), in seconds; for streams of at least two measured tokens. */
export function secondsPerOutputToken(call: SettledInference): number | undefined {
  const tokens = call.usage?.outputTokens;
  if (call.firstTokenSeconds === undefined || tokens === undefined || tokens < 2) return undefined;
  return (call.requestSeconds - call.firstTokenSeconds) / (tokens - 1);
}

function meets(call: SettledInference, levels: ServiceLevels): boolean {
  if (call.status === 'error') return false;
  const waited = call.status === 'cancelled' && call.labels.stream ? call.requestSeconds : undefined;
  return (
    within(call.firstTokenSeconds ?? waited, levels.timeToFirstTokenSeconds) &&
    within(secondsPerOutputToken(call), levels.timePerOutputTokenSeconds) &&
    within(call.requestSeconds, levels.requestDurationSeconds)
  );
}

function within(seconds: number | undefined, level: number | undefined): boolean {
  return seconds === undefined || level === undefined || seconds <= level;
}
