import { tokenExtractors } from '../../../lib/extraction/default-registry.js';
import { readStream } from '../read-stream.js';

const tokens = { input_tokens: 100, output_tokens: 7 };
const billed = { input_tokens: 10, output_tokens: 6 };
const counts = { inputTokens: 100, outputTokens: 7, totalTokens: 107 };

describe('cohere', () => {
  it.each([
    [
      'version 2',
      {
        id: '1',
        finish_reason: 'COMPLETE',
        message: { role: 'assistant' },
        usage: { tokens, billed_units: billed, cached_tokens: 64 },
      },
      { ...counts, cachedInputTokens: 64 },
    ],
    [
      "version 2 in the SDK's spelling",
      {
        id: '1',
        finishReason: 'COMPLETE',
        message: { role: 'assistant' },
        usage: {
          tokens: { inputTokens: 100, outputTokens: 7 },
          billedUnits: { inputTokens: 10, outputTokens: 6 },
          cachedTokens: 64,
        },
      },
      { ...counts, cachedInputTokens: 64 },
    ],
    [
      'version 1',
      {
        text: 'Hi',
        generation_id: 'g',
        finish_reason: 'COMPLETE',
        meta: { api_version: { version: '1' }, tokens, billed_units: billed },
      },
      counts,
    ],
    [
      "version 1 in the SDK's spelling",
      {
        text: 'Hi',
        generationId: 'g',
        finishReason: 'COMPLETE',
        meta: { apiVersion: { version: '1' }, tokens: { inputTokens: 100, outputTokens: 7 } },
      },
      counts,
    ],
    [
      'what is billed, where there is nothing else',
      { generations: [{ text: 'Hi' }], meta: { billed_units: billed } },
      { inputTokens: 10, outputTokens: 6, totalTokens: 16 },
    ],
    [
      'embeddings',
      { embeddings: { float: [[0.1]] }, texts: ['a'], meta: { billed_units: { input_tokens: 4, image_tokens: 0 } } },
      { inputTokens: 4, totalTokens: 4 },
    ],
    [
      'reranking, which states no tokens',
      { results: [{ index: 0, relevance_score: 0.9 }], meta: { billed_units: { search_units: 1 } } },
      undefined,
    ],
  ])('reads %s', (_what, payload, expected) => {
    expect(tokenExtractors.recognize(payload)?.name).toBe('cohere');
    expect(tokenExtractors.extract(payload)).toEqual(expected);
  });

  const message = (message: object) => ({ delta: { message } });
  const start = { type: 'message-start', ...message({ role: 'assistant', content: [] }) };
  const end = { type: 'message-end', delta: { finish_reason: 'COMPLETE', usage: { tokens } } };

  it('reads the events of version 2', () => {
    const chunks = [
      start,
      { type: 'content-start', ...message({ content: { type: 'text', text: '' } }) },
      { type: 'content-delta', ...message({ content: { text: 'Hi' } }) },
      { type: 'content-end', index: 0 },
      end,
    ];

    expect(readStream(chunks)).toEqual({
      extractor: 'cohere',
      usage: counts,
      model: undefined,
      failed: false,
      finished: true,
      firstOutputIndex: 2,
    });
  });

  it.each([
    ['thinking', { type: 'content-delta', ...message({ content: { thinking: 'Hm' } }) }],
    ['a plan', { type: 'tool-plan-delta', ...message({ tool_plan: 'I will' }) }],
    ['a plan as the SDK spells it', { type: 'tool-plan-delta', ...message({ toolPlan: 'I will' }) }],
    [
      'a call',
      { type: 'tool-call-start', ...message({ tool_calls: { function: { name: 'weather', arguments: '' } } }) },
    ],
    ['arguments', { type: 'tool-call-delta', ...message({ toolCalls: { function: { arguments: '{' } } }) }],
  ])('takes %s for output', (_what, chunk) => {
    expect(readStream([start, chunk])).toMatchObject({ firstOutputIndex: 1 });
  });

  it("is not confused with the AI SDK's parts of the same name", () => {
    const delta = { type: 'tool-call-delta', toolCallId: 't', toolName: 'weather', argsTextDelta: '{' };

    expect(tokenExtractors.recognize(delta)?.name).toBe('ai-sdk');
    expect(
      tokenExtractors.recognize({
        type: 'tool-call-delta',
        ...message({ tool_calls: { function: { arguments: '{' } } }),
      })?.name,
    ).toBe('cohere');
  });

  it.each([
    ['event_type', 'is_finished', 'finish_reason'],
    ['eventType', 'isFinished', 'finishReason'],
  ])('reads the events of version 1 by %s', (eventType, isFinished, finishReason) => {
    const chunks = [
      { [eventType]: 'stream-start', [isFinished]: false },
      { [eventType]: 'text-generation', text: 'Hi', [isFinished]: false },
      {
        [eventType]: 'stream-end',
        [finishReason]: 'COMPLETE',
        [isFinished]: true,
        response: { text: 'Hi', meta: { tokens } },
      },
    ];

    expect(readStream(chunks)).toMatchObject({
      extractor: 'cohere',
      usage: counts,
      finished: true,
      firstOutputIndex: 1,
    });
  });

  it('counts a generation that ended in error as failure', () => {
    expect(readStream([start, { type: 'message-end', delta: { finish_reason: 'ERROR' } }])).toMatchObject({
      failed: true,
    });
  });
});
