import { tokenExtractors } from '../../../lib/extraction/default-registry.js';
import { readResponse } from '../../../lib/extraction/registry.js';
import { readStream } from '../read-stream.js';

const answer = (parts: object[], usageMetadata?: object, over: object = {}) => ({
  candidates: [{ content: { role: 'model', parts }, ...over }],
  ...(usageMetadata && { usageMetadata }),
  modelVersion: 'gemini-x',
});

describe('google.generateContent', () => {
  it.each([
    [
      'thinking beside the candidates, the cache inside the prompt',
      {
        promptTokenCount: 10,
        cachedContentTokenCount: 4,
        candidatesTokenCount: 5,
        thoughtsTokenCount: 20,
        totalTokenCount: 35,
      },
      { inputTokens: 10, outputTokens: 25, totalTokens: 35, cachedInputTokens: 4, reasoningTokens: 20 },
    ],
    [
      'a prompt that tools made longer',
      { promptTokenCount: 10, toolUsePromptTokenCount: 7, candidatesTokenCount: 5, totalTokenCount: 23 },
      { inputTokens: 17, outputTokens: 5, totalTokens: 23 },
    ],
    [
      'nothing but thinking',
      { promptTokenCount: 10, thoughtsTokenCount: 2, totalTokenCount: 12 },
      { inputTokens: 10, outputTokens: 2, totalTokens: 12, reasoningTokens: 2 },
    ],
    [
      'no total',
      { candidatesTokenCount: 5, thoughtsTokenCount: 20 },
      { outputTokens: 25, totalTokens: 25, reasoningTokens: 20 },
    ],
    ['traffic but no counts', { trafficType: 'ON_DEMAND' }, undefined],
  ])('reads a usage with %s', (_what, usage, expected) => {
    expect(tokenExtractors.extract(answer([{ text: 'Hi' }], usage))).toEqual(expected);
  });

  it("reads protobuf's JSON with the fields as they are declared, and numbers for the reasons", () => {
    const response = {
      candidates: [{ content: { parts: [{ text: 'Hi' }] }, finish_reason: 1 }],
      usage_metadata: { prompt_token_count: 10, candidates_token_count: 5, total_token_count: 15 },
      model_version: 'gemini-x',
    };

    expect(readStream([response])).toMatchObject({
      extractor: 'google.generateContent',
      usage: { inputTokens: 10, outputTokens: 5, totalTokens: 15 },
      model: 'gemini-x',
      finished: true,
    });
  });

  it('takes the latest usage that states a count, as a whole', () => {
    const chunks = [
      answer([{ text: 'a' }], {
        promptTokenCount: 169,
        candidatesTokenCount: 20,
        thoughtsTokenCount: 9,
        totalTokenCount: 198,
      }),
      answer([{ text: 'b' }], { promptTokenCount: 79, candidatesTokenCount: 12, totalTokenCount: 91 }),
      answer([{ text: 'c' }], { trafficType: 'ON_DEMAND' }, { finishReason: 'STOP' }),
    ];

    expect(readStream(chunks)).toEqual({
      extractor: 'google.generateContent',
      usage: { inputTokens: 79, outputTokens: 12, totalTokens: 91 },
      model: 'gemini-x',
      failed: false,
      finished: true,
      firstOutputIndex: 0,
    });
  });

  it.each([
    ['a thought', { text: 'Hm', thought: true }],
    ['a call', { functionCall: { name: 'weather', args: {} } }],
    ['code', { executableCode: { code: '1' } }],
    ['a picture', { inlineData: { mimeType: 'image/png', data: 'AA' } }],
  ])('takes %s for output', (_what, part) => {
    expect(readStream([answer([]), answer([part])])).toMatchObject({ firstOutputIndex: 1 });
  });

  it('takes a signature for no output', () => {
    expect(readStream([answer([{ thoughtSignature: 'c2ln' }])])).toMatchObject({ firstOutputIndex: undefined });
  });

  it('knows a prompt that was blocked, which is no failure', () => {
    const blocked = {
      promptFeedback: { blockReason: 'SAFETY' },
      usageMetadata: { promptTokenCount: 9, totalTokenCount: 9 },
    };

    expect(readResponse(tokenExtractors, blocked)).toMatchObject({
      usage: { inputTokens: 9, totalTokens: 9 },
      failed: false,
    });
  });

  it("reads a response that Vertex' older SDKs wrap", () => {
    const wrapped = {
      response: answer([{ text: 'Hi' }], { promptTokenCount: 1, candidatesTokenCount: 2, totalTokenCount: 3 }),
    };

    expect(readResponse(tokenExtractors, wrapped)).toMatchObject({
      usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 },
      model: 'gemini-x',
    });
  });

  it('counts an error in mid-stream as failure', () => {
    expect(readStream([answer([{ text: 'a' }]), { error: { code: 503 } }])).toMatchObject({ failed: true });
  });
});

describe('google.embed', () => {
  it.each([
    ['one count for the request', { embeddings: [{ values: [1] }], usageMetadata: { promptTokenCount: 7 } }, 7],
    ['one vector', { embedding: { values: [1] }, usageMetadata: { promptTokenCount: 11, totalTokenCount: 11 } }, 11],
    [
      'a count for each vector',
      {
        embeddings: [
          { values: [1], statistics: { tokenCount: 4 } },
          { values: [1], statistics: { tokenCount: 3 } },
        ],
      },
      7,
    ],
    ["Vertex' predictions", { predictions: [{ embeddings: { values: [1], statistics: { token_count: 4 } } }] }, 4],
  ])('reads %s', (_what, payload, tokens) => {
    expect(tokenExtractors.recognize(payload)?.name).toBe('google.embed');
    expect(tokenExtractors.extract(payload)).toEqual({ inputTokens: tokens, totalTokens: tokens });
  });

  it('leaves unknown what the Gemini API does not state', () => {
    expect(tokenExtractors.extract({ embeddings: [{ values: [0.1] }] })).toBeUndefined();
  });
});

describe('google.interactions', () => {
  const usage = {
    total_input_tokens: 50,
    total_tool_use_tokens: 3,
    total_output_tokens: 15,
    total_thought_tokens: 65,
    total_cached_tokens: 8,
    total_tokens: 134,
  };
  const counts = { inputTokens: 53, outputTokens: 80, totalTokens: 134, cachedInputTokens: 8, reasoningTokens: 65 };

  it('reads a whole interaction', () => {
    expect(
      readResponse(tokenExtractors, { object: 'interaction', status: 'completed', model: 'gemini-x', usage }),
    ).toMatchObject({
      usage: counts,
      model: 'gemini-x',
      failed: false,
    });
  });

  it('reads the events of a stream', () => {
    const chunks = [
      {
        event_type: 'interaction.created',
        interaction: { object: 'interaction', model: 'gemini-x', status: 'in_progress' },
      },
      { event_type: 'step.start', step: { type: 'thought' } },
      { event_type: 'step.delta', delta: { type: 'thought_signature', signature: 'c2ln' } },
      { event_type: 'step.delta', delta: { type: 'thought_summary', content: { type: 'text', text: 'Hm' } } },
      {
        event_type: 'interaction.completed',
        interaction: { object: 'interaction', model: 'gemini-x', status: 'completed', usage },
      },
    ];

    expect(readStream(chunks)).toEqual({
      extractor: 'google.interactions',
      usage: counts,
      model: 'gemini-x',
      failed: false,
      finished: true,
      firstOutputIndex: 3,
    });
  });

  it('takes the name of a function for output', () => {
    const step = { event_type: 'step.start', step: { type: 'function_call', name: 'weather', arguments: {} } };

    expect(readStream([step])).toMatchObject({ firstOutputIndex: 0 });
  });

  it('counts one that failed as failure', () => {
    expect(readStream([{ event_type: 'interaction.start', interaction: { status: 'failed' } }])).toMatchObject({
      failed: true,
    });
  });
});
