import { diag } from '@opentelemetry/api';
import fc from 'fast-check';
import { tokenExtractors } from '../../lib/extraction/default-registry.js';
import { readResponse } from '../../lib/extraction/registry.js';
import type { TokenUsage } from '../../lib/extraction/token-extractor.js';
import { readStream } from './read-stream.js';

const counts = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3, prompt_tokens_details: { cached_tokens: 1 } };

/** One payload of each kind that states something, to be spoilt. */
const PAYLOADS: readonly object[] = [
  {
    object: 'chat.completion',
    model: 'm',
    choices: [{ message: { content: 'a' }, finish_reason: 'stop' }],
    usage: counts,
  },
  {
    object: 'chat.completion.chunk',
    choices: [{ delta: { content: [{ text: 'a' }], tool_calls: [{ function: { name: 'f' } }] } }],
  },
  {
    object: 'chat.completion.chunk',
    choices: [{ finish_reason: 'stop' }],
    x_groq: { usage: counts },
    timings: { predicted_n: 1 },
  },
  {
    object: 'text_completion',
    system_fingerprint: '3.0.0-native',
    choices: [{ text: 'a', finish_reason: 'stop' }],
    usage: counts,
  },
  {
    data: {
      choices: [{ delta: { content: 'a' }, finishReason: 'stop' }],
      usage: { promptTokens: 1, completionTokens: 2 },
    },
  },
  { object: 'list', data: [{ embedding: [1] }], usage: { prompt_tokens: 1, total_tokens: 1 } },
  { object: 'response', usage: { input_tokens: 1, output_tokens: 2, input_tokens_details: { cached_tokens: 1 } } },
  { type: 'response.completed', response: { usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 } } },
  { type: 'message', role: 'assistant', usage: { input_tokens: 1, cache_read_input_tokens: 2, output_tokens: 3 } },
  { type: 'message_start', message: { model: 'm', usage: { input_tokens: 1, output_tokens: 1 } } },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 3 } },
  {
    candidates: [{ content: { parts: [{ text: 'a' }] } }],
    usageMetadata: { promptTokenCount: 1, thoughtsTokenCount: 2 },
  },
  { embeddings: [{ values: [1], statistics: { tokenCount: 1 } }] },
  { event_type: 'interaction.completed', interaction: { usage: { total_input_tokens: 1, total_output_tokens: 1 } } },
  {
    output: { message: {} },
    stopReason: 'x',
    usage: { inputTokens: 1, outputTokens: 2, cacheReadInputTokens: 3 },
    metrics: { latencyMs: 1 },
  },
  {
    metadata: { usage: { inputTokens: 1, outputTokens: 2 } },
    'amazon-bedrock-invocationMetrics': { inputTokenCount: 1 },
  },
  { generation: 'a', prompt_token_count: 1, generation_token_count: 2 },
  {
    message: {},
    finish_reason: 'COMPLETE',
    usage: { tokens: { input_tokens: 1, output_tokens: 2 }, cached_tokens: 1 },
  },
  { type: 'message-end', delta: { usage: { billed_units: { input_tokens: 1, output_tokens: 2 } } } },
  { created_at: 'x', done: true, prompt_eval_count: 1, eval_count: 2, eval_duration: 3, prompt_eval_duration: 4 },
  { embeddings: [[1]], total_duration: 5, load_duration: 2, prompt_eval_count: 1 },
  { generated_text: 'a', details: { generated_tokens: 1, prefill: [{ id: 1 }] } },
  { model_id: 'm', results: [{ generated_text: 'a', generated_token_count: 1, input_token_count: 2 }] },
  { completion_message: {}, metrics: [{ metric: 'prompt_tokens', value: 1 }] },
  { content: 'a', stop: true, tokens_predicted: 1, tokens_evaluated: 2, timings: { predicted_ms: 1 } },
  { status: 'succeeded', urls: {}, metrics: { predict_time: 1 } },
  { num_tokens_prompt_total: 1, num_tokens_generated: 2 },
  {
    finishReason: 'stop',
    usage: { inputTokens: { total: 1 }, outputTokens: { total: 2 } },
    providerMetadata: { anthropic: {} },
  },
  { type: 'finish', finishReason: 'stop', totalUsage: { inputTokens: 1, cachedInputTokens: 5, outputTokens: 2 } },
  { content: 'a', response_metadata: {}, usage_metadata: { input_tokens: 1, output_tokens: 2, total_tokens: 3 } },
  { generations: [[{ text: 'a' }]], llmOutput: { tokenUsage: { promptTokens: 1 } } },
  { text: 'a', usage: { type: 'tokens', input_tokens: 1, output_tokens: 2 } },
  { body: new TextEncoder().encode('{"type":"message","role":"assistant","usage":{"input_tokens":1}}') },
];

const cyclic: Record<string, unknown> = { total: 1 };
cyclic['self'] = cyclic;
cyclic['usage'] = cyclic;

function refuse(): never {
  throw new Error('hands off');
}

const HOSTILE: readonly unknown[] = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1,
  -0.5,
  1e300,
  2 ** 53,
  '12',
  '',
  true,
  null,
  undefined,
  12n,
  Symbol('count'),
  () => 12,
  [],
  [12],
  [[], null, [undefined]],
  {},
  cyclic,
  Object.create(null),
  Object.freeze({ valueOf: () => 12 }),
  new Date(Number.NaN),
  new Proxy({}, { get: refuse, has: refuse, ownKeys: refuse, getPrototypeOf: refuse }),
  Object.defineProperty({}, 'usage', { get: refuse, enumerable: true }),
  new Proxy([], { get: refuse }),
  Promise.resolve(12),
];

/** A payload with hostile values in the place of some of what it has, at any depth. */
function spoil(value: unknown, choose: () => number | undefined): unknown {
  const chosen = choose();
  if (chosen !== undefined) return HOSTILE[chosen];
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => spoil(item, choose));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, spoil(item, choose)]));
}

const indexIn = (list: readonly unknown[]) => fc.nat({ max: list.length - 1 });

/** Recipes, not payloads: fast-check looks at its values to print them, and these bite. */
const recipe = fc.oneof(
  fc.record({ payload: indexIn(PAYLOADS), spoilt: fc.array(fc.option(indexIn(HOSTILE), { freq: 5, nil: undefined })) }),
  fc.record({ hostile: indexIn(HOSTILE) }),
  fc.record({ anything: fc.anything({ withBigInt: true, withNullPrototype: true }) }),
);
type Recipe = typeof recipe extends fc.Arbitrary<infer R> ? R : never;

function made(from: Recipe): unknown {
  if ('anything' in from) return from.anything;
  if ('hostile' in from) return HOSTILE[from.hostile];
  // The payload itself stays an object: what it is not, the others test.
  const choices = [undefined, ...from.spoilt];
  return spoil(PAYLOADS[from.payload], () => choices.shift());
}

function expectSound(usage: TokenUsage | undefined): void {
  for (const [field, value] of Object.entries(usage ?? {})) {
    expect([field, Number.isFinite(value) && value >= 0]).toEqual([field, true]);
  }
  const { inferenceSeconds, ...tokens } = usage ?? {};
  for (const value of Object.values(tokens)) expect(value).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER);
  expect(inferenceSeconds ?? 0).toBeLessThan(Number.POSITIVE_INFINITY);
}

describe('tokenExtractors', () => {
  // What throws is reported, and that is all; here nobody listens.
  beforeAll(() => diag.disable());

  it('never throws on a hostile response, and states nothing but counts', () => {
    fc.assert(
      fc.property(recipe, (from) => {
        const payload = made(from);
        const { usage, model } = readResponse(tokenExtractors, payload);
        expectSound(usage);
        expectSound(tokenExtractors.extract(payload));
        expect(['string', 'undefined']).toContain(typeof model);
      }),
      { numRuns: 300 },
    );
  });

  it('never throws on a hostile stream, and states nothing but counts', () => {
    fc.assert(
      fc.property(fc.array(recipe, { maxLength: 8 }), (recipes) => {
        const chunks = recipes.map(made);
        const { usage, firstOutputIndex } = readStream(chunks);
        expectSound(usage);
        expect(firstOutputIndex ?? 0).toBeLessThan(Math.max(1, chunks.length));
        expectSound(tokenExtractors.extractStream(chunks).usage);
      }),
      { numRuns: 300 },
    );
  });

  it('never throws with an extractor given, whatever passes', () => {
    const names = PAYLOADS.map((payload) => tokenExtractors.recognize(payload)?.name ?? 'none');

    expect(names).not.toContain('none');
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.array(recipe, { maxLength: 5 }), (name, recipes) => {
        expectSound(readStream(recipes.map(made), tokenExtractors, tokenExtractors.get(name)).usage);
      }),
      { numRuns: 300 },
    );
  });

  it('makes no number out of what is none', () => {
    for (const hostile of HOSTILE.filter((value) => typeof value !== 'object' || Array.isArray(value))) {
      const usage = { prompt_tokens: hostile, completion_tokens: hostile, total_tokens: hostile };

      expect(tokenExtractors.extract({ object: 'chat.completion', choices: [], usage })).toBeUndefined();
    }
  });
});
