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

  it('leaves unknown attributes out, and other operations as they are', async () => {
    tracker = createTestTracker({ vocabularies: [genAi] });
    tracker.trackInference(() => 'text', 'rerank')();
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
      ['d', Number.NaN],
      ['e', Number.POSITIVE_INFINITY],
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
  ])('with OTEL_SEMCONV_STABILITY_OPT_IN=%s', (value, expected) => {
    expect(genAiFromEnvironment({ OTEL_SEMCONV_STABILITY_OPT_IN: value })).toEqual(expected);
  });

  it('reads the environment of the process', () => {
    expect(genAiFromEnvironment()).toEqual([]);
  });
});
