import type OpenAI from 'openai';
import { ApiError } from '../../api-error.js';
import type { ChatCompletionParams, CompletionParams } from '../provider.js';

/** What of a request's parameters has a meaning for a Markov chain. */
export interface Sampling {
  readonly choices: number;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly seed: number;
  readonly stop: readonly string[];
}

/** OpenAI's own default for the completions endpoint; chat has none, so we take one that bounds a greedy loop. */
const COMPLETION_MAX_TOKENS = 16;
const CHAT_MAX_TOKENS = 256;

export function chatSampling(params: ChatCompletionParams): Sampling {
  refuse(params.logprobs === true, 'logprobs');
  refuse(params.tool_choice === 'required' || typeof params.tool_choice === 'object', 'tool_choice');
  refuse(params.response_format !== undefined && params.response_format.type !== 'text', 'response_format');
  const limit = params.max_completion_tokens ?? params.max_tokens;
  const limitName = params.max_completion_tokens == null ? 'max_tokens' : 'max_completion_tokens';
  return { ...sampling(params), maxTokens: integer(limitName, limit, 1, Number.MAX_SAFE_INTEGER) ?? CHAT_MAX_TOKENS };
}

export function completionSampling(params: CompletionParams): Sampling {
  refuse(typeof params.logprobs === 'number', 'logprobs');
  refuse(typeof params.suffix === 'string', 'suffix');
  refuse(typeof params.best_of === 'number' && params.best_of > (params.n ?? 1), 'best_of');
  const maxTokens = integer('max_tokens', params.max_tokens, 1, Number.MAX_SAFE_INTEGER) ?? COMPLETION_MAX_TOKENS;
  return { ...sampling(params), maxTokens };
}

type Common = Pick<OpenAI.CompletionCreateParams, 'n' | 'temperature' | 'top_p' | 'seed' | 'stop'>;

function sampling(params: Common): Omit<Sampling, 'maxTokens'> {
  inRange('top_p', params.top_p, 0, 1);
  return {
    choices: integer('n', params.n, 1, 128) ?? 1,
    temperature: inRange('temperature', params.temperature, 0, 2) ?? 1,
    seed: integer('seed', params.seed, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER) ?? Math.random() * 2 ** 32,
    stop: stopSequences(params.stop),
  };
}

function stopSequences(stop: Common['stop']): readonly string[] {
  const sequences = stop == null ? [] : Array.isArray(stop) ? stop : [stop];
  if (!sequences.every((sequence) => typeof sequence === 'string') || sequences.length > 4) {
    throw new ApiError("Invalid 'stop': expected a string or an array of at most 4 strings.", { param: 'stop' });
  }
  return sequences.filter((sequence) => sequence !== '');
}

function integer(name: string, value: number | null | undefined, min: number, max: number): number | undefined {
  if (value != null && !Number.isInteger(value)) {
    throw new ApiError(`Invalid type for '${name}': expected an integer.`, { param: name, code: 'invalid_type' });
  }
  return inRange(name, value, min, max);
}

function inRange(name: string, value: number | null | undefined, min: number, max: number): number | undefined {
  if (value == null) return undefined;
  if (typeof value !== 'number') {
    throw new ApiError(`Invalid type for '${name}': expected a number.`, { param: name, code: 'invalid_type' });
  }
  if (value < min) {
    const message = `Invalid '${name}': value below the minimum. Expected a value >= ${min}, but got ${value} instead.`;
    throw new ApiError(message, { param: name, code: 'below_min_value' });
  }
  if (value > max) {
    const message = `Invalid '${name}': value above the maximum. Expected a value <= ${max}, but got ${value} instead.`;
    throw new ApiError(message, { param: name, code: 'above_max_value' });
  }
  return value;
}

/** An answer that ignores such a parameter would be wrong without saying so. */
function refuse(asked: boolean, param: string): void {
  if (asked) {
    const message = `Unsupported parameter: '${param}' is not supported with this model.`;
    throw new ApiError(message, { param, code: 'unsupported_parameter' });
  }
}
