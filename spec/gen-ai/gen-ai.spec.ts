import { diag } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { createInferenceTracker } from 'track-inference';
import { genAi, genAiFromEnvironment, genAiWithChunks } from 'track-inference/gen-ai';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { metricRows } from '../../lib/testing/metric-rows.js';
import { Reader } from '../producer/support/setups.js';
import { role, text, usage } from '../support/chunks.js';
import { heardWarnings } from '../support/warnings.js';

let tracker: TestTracker;
afterEach(() => tracker?.dispose());

async function stream(fails = false): Promise<void> {
  const chat = tracker.trackInference(
    async function* chat(_request: object) {
      tracker.clock.advance(100);
      yield role;
      tracker.clock.advance(100);
      yield text('a');
      tracker.clock.advance(400);
      if (fails) throw Object.assign(new Error(), { status: 503 });
      yield usage(10, 5);
    },
    { endpointType: 'chat_completion', provider: 'openai' },
  );
  try {
    for await (const _ of chat({ model: 'alias' }));
  } catch {}
}

const genAiRows = async () =>
  (await tracker.rows())
    .filter(({ name }) => name.startsWith('gen_ai.'))
    .map(({ name, attributes, count, sum }) => ({ name: name.replace('gen_ai.', ''), ...attributes, count, sum }));

const attributes = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'alias',
  'gen_ai.response.model': 'served-model',
};

describe('genAi', () => {
  it("records OpenTelemetry's metrics of the same call, beside llama_stack's", async () => {
    tracker = createTestTracker({ vocabularies: [genAi] });
    await stream();
    expect(await genAiRows()).toEqual([
      { name: 'client.operation.duration', ...attributes, count: 1, sum: 0.6 },
      { name: 'client.token.usage', ...attributes, 'gen_ai.token.type': 'input', count: 1, sum: 10 },
      { name: 'client.token.usage', ...attributes, 'gen_ai.token.type': 'output', count: 1, sum: 5 },
      { name: 'client.operation.time_to_first_chunk', ...attributes, count: 1, sum: 0.1 },
      { name: 'server.request.duration', ...attributes, count: 1, sum: 0.6 },
      { name: 'server.time_to_first_token', ...attributes, count: 1, sum: 0.2 },
      { name: 'server.time_per_output_token', ...attributes, count: 1, sum: expect.closeTo(0.1, 12) },
    ]);
    expect(await tracker.rows('requests_total')).toHaveLength(2);
  });

  it('names the error of a failed call, and leaves the times of successful ones out', async () => {
    tracker = createTestTracker({ vocabularies: [genAi] });
    await stream(true);
    expect(await genAiRows()).toEqual([
      { name: 'client.operation.duration', ...attributes, 'error.type': '503', count: 1, sum: 0.6 },
      { name: 'client.operation.time_to_first_chunk', ...attributes, 'error.type': '503', count: 1, sum: 0.1 },
      { name: 'server.request.duration', ...attributes, 'error.type': '503', count: 1, sum: 0.6 },
    ]);
  });

  it('leaves the time per token of a call out that fails at the very end', async () => {
    tracker = createTestTracker({ vocabularies: [genAi] });
    const chat = tracker.trackInference(async function* chat() {
      yield text('a');
      yield usage(10, 5);
      throw new Error('cut');
    });
    await expect(
      (async () => {
        for await (const _ of chat());
      })(),
    ).rejects.toThrow('cut');
    expect((await genAiRows()).filter(({ name }) => name.startsWith('server.time'))).toEqual([]);
  });

  it('counts the tokens of a response that names no model', async () => {
    tracker = createTestTracker({ vocabularies: [genAi] });
    tracker.trackInference(() => 'text', { endpointType: 'rerank', usage: () => ({ inputTokens: 3 }) })();
    expect((await genAiRows()).filter(({ name }) => name === 'client.token.usage')).toEqual([
      {
        name: 'client.token.usage',
        'gen_ai.operation.name': 'rerank',
        'gen_ai.token.type': 'input',
        count: 1,
        sum: 3,
      },
    ]);
  });

  it('tells calls of the same labels apart by the model of the response and by the error', async () => {
    tracker = createTestTracker({ vocabularies: [genAiWithChunks] });
    const chat = tracker.trackInference(
      async function* chat(answer: string | number) {
        const model = typeof answer === 'string' ? answer : 'm1';
        yield { object: 'chat.completion.chunk', model, choices: [{ index: 0, delta: { content: 'a' } }] };
        if (typeof answer === 'number') throw Object.assign(new Error(), { status: answer });
        yield {
          object: 'chat.completion.chunk',
          model,
          choices: [],
          usage: { prompt_tokens: 2, completion_tokens: 1 },
        };
      },
      { model: 'alias', endpointType: 'completion' },
    );
    for (const answer of ['m1', 'm2', 429, 503, 'm1']) {
      try {
        for await (const _ of chat(answer));
      } catch {}
    }
    const base = { 'gen_ai.operation.name': 'text_completion', 'gen_ai.request.model': 'alias' };
    const [m1, m2] = ['m1', 'm2'].map((model) => ({ ...base, 'gen_ai.response.model': model }));
    const rows = await genAiRows();
    const of = (wanted: string) =>
      rows.filter(({ name }) => name === wanted).map(({ name: _name, sum: _sum, ...attributes }) => attributes);
    expect(of('server.request.duration')).toEqual([
      { ...m1, count: 2 },
      { ...m2, count: 1 },
      { ...m1, 'error.type': '429', count: 1 },
      { ...m1, 'error.type': '503', count: 1 },
    ]);
    expect(of('client.token.usage')).toEqual(
      [
        { ...m1, count: 2 },
        { ...m2, count: 1 },
      ].flatMap((series) => ['input', 'output'].map((type) => ({ ...series, 'gen_ai.token.type': type }))),
    );
    expect(of('client.operation.time_per_output_chunk')).toEqual([{ ...base, count: 3 }]);
  });

  it('is described as the conventions describe it', async () => {
    const reader = new Reader();
    const { trackInference } = createInferenceTracker({
      meterProvider: new MeterProvider({ readers: [reader] }),
      vocabularies: [genAiWithChunks],
      now: () => 0,
    });
    for await (const _ of trackInference(async function* () {
      yield text('a');
      yield usage(10, 5);
    })());
    const scope = (await reader.read()).scopeMetrics.find((one) => one.scope.name === 'track-inference/gen-ai');
    const described = scope?.metrics.map(({ descriptor: { name, unit, description }, dataPoints: [point] }) => {
      const { buckets } = (point as { value: unknown }).value as { buckets: { boundaries: number[] } };
      return { name: name.replace('gen_ai.', ''), unit, description, buckets: buckets.boundaries };
    });
    const seconds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
    expect(described).toEqual([
      {
        name: 'client.operation.time_per_output_chunk',
        unit: 's',
        description: 'Time per output chunk after the first one',
        buckets: seconds,
      },
      { name: 'client.operation.duration', unit: 's', description: 'GenAI operation duration', buckets: seconds },
      {
        name: 'client.token.usage',
        unit: '{token}',
        description: 'Number of input and output tokens used',
        buckets: [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864],
      },
      {
        name: 'client.operation.time_to_first_chunk',
        unit: 's',
        description: 'Time to receive the first chunk',
        buckets: seconds,
      },
      { name: 'server.request.duration', unit: 's', description: 'GenAI server request duration', buckets: seconds },
      {
        name: 'server.time_to_first_token',
        unit: 's',
        description: 'Time to generate the first token of successful responses',
        buckets: [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
      },
      {
        name: 'server.time_per_output_token',
        unit: 's',
        description: 'Time per output token after the first one, of successful responses',
        buckets: [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5],
      },
    ]);
  });

  it('leaves unknown attributes out, and other operations as they are', async () => {
    tracker = createTestTracker({ vocabularies: [genAi] });
    tracker.trackInference(() => 'text', { endpointType: 'rerank', usage: () => ({ totalTokens: 7 }) })();
    expect((await genAiRows()).map(({ name }) => name)).toEqual([
      'client.operation.duration',
      'server.request.duration',
    ]);
    expect((await genAiRows())[0]).toEqual({
      name: 'client.operation.duration',
      'gen_ai.operation.name': 'rerank',
      count: 1,
      sum: 0,
    });
  });

  it('times every chunk only where that is asked for', async () => {
    tracker = createTestTracker({ vocabularies: [genAiWithChunks] });
    await stream();
    const { 'gen_ai.response.model': _, ...known } = attributes;
    expect((await genAiRows()).filter(({ name }) => name.endsWith('per_output_chunk'))).toEqual([
      { name: 'client.operation.time_per_output_chunk', ...known, count: 2, sum: 0.5 },
    ]);
  });
});

describe('genAiWithChunks', () => {
  it('times a chunk that comes at once, and none for which the clock makes no sense', async () => {
    const warnings = heardWarnings();
    const readings = new Map([
      ['a', 1000],
      ['b', 1000],
      ['c', 900],
      ['d', Number.POSITIVE_INFINITY],
      ['e', Number.NaN],
    ]);
    let now = 0;
    const reader = new Reader();
    const { trackInference } = createInferenceTracker({
      meterProvider: new MeterProvider({ readers: [reader] }),
      vocabularies: [genAiWithChunks],
      now: () => now,
    });
    const chat = trackInference(async function* chat() {
      for (const [chunk, reading] of readings) {
        now = reading;
        yield text(chunk);
      }
    });
    for await (const _ of chat());
    const times = metricRows(await reader.read()).filter(({ name }) => name.endsWith('time_per_output_chunk'));
    expect(times.map(({ count, sum }) => ({ count, sum }))).toEqual([{ count: 1, sum: 0 }]);
    expect(warnings).toEqual([]);
    diag.disable();
  });
});

describe('genAiFromEnvironment', () => {
  it.each<[string | undefined, unknown[]]>([
    [undefined, []],
    ['', []],
    ['http', []],
    ['gen_ai_latest_experimental', [genAi]],
    ['http, gen_ai_latest_experimental', [genAi]],
    ['gen_ai_latest_experimental_2', []],
  ])('with OTEL_SEMCONV_STABILITY_OPT_IN=%s', (value, expected) => {
    expect(genAiFromEnvironment({ OTEL_SEMCONV_STABILITY_OPT_IN: value })).toEqual(expected);
  });

  it('reads the environment of the process, where there is one', () => {
    expect(genAiFromEnvironment()).toEqual([]);
    process.env['OTEL_SEMCONV_STABILITY_OPT_IN'] = 'gen_ai_latest_experimental';
    const { process: kept } = globalThis;
    try {
      expect(genAiFromEnvironment()).toEqual([genAi]);
      for (const process of [undefined, {}]) {
        Object.assign(globalThis, { process });
        expect(genAiFromEnvironment()).toEqual([]);
      }
    } finally {
      Object.assign(globalThis, { process: kept });
      delete process.env['OTEL_SEMCONV_STABILITY_OPT_IN'];
    }
  });
});
