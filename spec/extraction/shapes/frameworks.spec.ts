import { tokenExtractors } from '../../../lib/extraction/default-registry.js';
import { readResponse } from '../../../lib/extraction/registry.js';
import { readStream } from '../read-stream.js';

const counts = { inputTokens: 10, outputTokens: 7, totalTokens: 17 };

describe('mistral.chat', () => {
  const usage = { promptTokens: 10, completionTokens: 7, totalTokens: 17 };
  const event = (delta: object, over: object = {}) => ({
    data: { id: '1', model: 'mistral-x', choices: [{ index: 0, delta, finishReason: null }], ...over },
  });

  it('reads what the SDK makes of a response', () => {
    const response = {
      id: '1',
      object: 'chat.completion',
      model: 'mistral-x',
      choices: [{ message: { content: 'Hi' }, finishReason: 'stop' }],
      usage,
    };

    expect(tokenExtractors.recognize(response)?.name).toBe('mistral.chat');
    expect(readResponse(tokenExtractors, response)).toMatchObject({ usage: counts, model: 'mistral-x' });
  });

  it('reads what the SDK makes of a stream', () => {
    const last = event(
      { content: '' },
      { choices: [{ index: 0, delta: { content: '' }, finishReason: 'stop' }], usage },
    );

    expect(readStream([event({ role: 'assistant', content: '' }), event({ content: 'Hi' }), last])).toEqual({
      extractor: 'mistral.chat',
      usage: counts,
      model: 'mistral-x',
      failed: false,
      finished: true,
      firstOutputIndex: 1,
    });
  });

  it.each([
    ['a thought', { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] }] }],
    ['a tool call', { toolCalls: [{ function: { name: 'weather', arguments: {} } }] }],
  ])('takes %s for output', (_what, delta) => {
    expect(readStream([event({ content: '' }), event(delta)])).toMatchObject({ firstOutputIndex: 1 });
  });
});

describe('ai-sdk', () => {
  it('counts an error before the first part of a result as failure, not as its first output', () => {
    const wrapped = (part: object) => ({ part, partialOutput: undefined });

    expect(readStream([wrapped({ type: 'start' }), wrapped({ type: 'error', error: new Error('no') })])).toMatchObject({
      extractor: 'ai-sdk',
      failed: true,
      finished: false,
      firstOutputIndex: undefined,
    });
  });

  const details = { cachedInputTokens: 4, cacheWriteInputTokens: 1, reasoningTokens: 3 };
  const flat = { inputTokens: 10, outputTokens: 7, totalTokens: 17 };
  const detailed = {
    ...flat,
    inputTokenDetails: { cacheReadTokens: 4, cacheWriteTokens: 1 },
    outputTokenDetails: { reasoningTokens: 3 },
  };

  it.each([
    ['version 4', { promptTokens: 10, completionTokens: 7, totalTokens: 17 }, counts],
    [
      'version 4, which says NaN for unknown',
      { promptTokens: Number.NaN, completionTokens: Number.NaN, totalTokens: Number.NaN },
      undefined,
    ],
    [
      'version 5',
      { ...flat, cachedInputTokens: 4, reasoningTokens: 3 },
      { ...counts, cachedInputTokens: 4, reasoningTokens: 3 },
    ],
    [
      'version 5, which says undefined for unknown',
      { inputTokens: undefined, outputTokens: undefined, totalTokens: undefined },
      undefined,
    ],
    ['version 6', detailed, { ...counts, ...details }],
    [
      'the provider level',
      { inputTokens: { total: 10, cacheRead: 4, cacheWrite: 1 }, outputTokens: { total: 7, reasoning: 3 } },
      { ...counts, ...details },
    ],
  ])('reads a result of %s', (_version, usage, expected) => {
    const result = { text: 'Hi', finishReason: 'stop', usage, response: { modelId: 'm' } };

    expect(tokenExtractors.recognize(result)?.name).toBe('ai-sdk');
    expect(tokenExtractors.extract(result)).toEqual(expected);
    expect(readResponse(tokenExtractors, result).model).toBe('m');
  });

  it('takes the usage of all steps, not that of the last', () => {
    expect(
      tokenExtractors.extract({ finishReason: 'stop', usage: { inputTokens: 1, outputTokens: 1 }, totalUsage: flat }),
    ).toEqual(counts);
  });

  it.each([
    [
      'version 4',
      { promptTokens: 10, completionTokens: 7, totalTokens: 17 },
      { anthropic: { cacheReadInputTokens: 100, cacheCreationInputTokens: 20 } },
    ],
    ['version 5', { ...flat, cachedInputTokens: 100 }, { anthropic: { cacheCreationInputTokens: 20 } }],
  ])("adds to Anthropic's input what %s leaves out of it", (_version, usage, providerMetadata) => {
    expect(tokenExtractors.extract({ finishReason: 'stop', usage, providerMetadata })).toEqual({
      inputTokens: 130,
      outputTokens: 7,
      totalTokens: 137,
      cachedInputTokens: 100,
      cacheWriteInputTokens: 20,
    });
  });

  it('adds nothing to an input whose parts are stated, whoever the provider is', () => {
    const usage = { inputTokens: 110, outputTokens: 7, totalTokens: 117, inputTokenDetails: { cacheReadTokens: 100 } };
    const providerMetadata = { anthropic: { cacheReadInputTokens: 100 } };

    expect(tokenExtractors.extract({ finishReason: 'stop', usage, providerMetadata })).toEqual({
      inputTokens: 110,
      outputTokens: 7,
      totalTokens: 117,
      cachedInputTokens: 100,
    });
  });

  it('adds nothing to an input that was cached as a whole', () => {
    expect(tokenExtractors.extract({ finishReason: 'stop', usage: { ...flat, cachedInputTokens: 10 } })).toEqual({
      ...counts,
      cachedInputTokens: 10,
    });
  });

  it("reads OpenAI's details, which version 4 leaves to the metadata, but not where there are no counts", () => {
    const providerMetadata = { openai: { cachedPromptTokens: 4, reasoningTokens: 3 } };
    const read = (usage: object) => tokenExtractors.extract({ finishReason: 'stop', usage, providerMetadata });

    expect(read({ promptTokens: 10, completionTokens: 7, totalTokens: 17 })).toEqual({
      ...counts,
      cachedInputTokens: 4,
      reasoningTokens: 3,
    });
    expect(read({ promptTokens: Number.NaN, completionTokens: Number.NaN })).toBeUndefined();
  });

  it('adds what was cached where it cannot be part of the input', () => {
    expect(tokenExtractors.extract({ finishReason: 'stop', usage: { ...flat, cachedInputTokens: 100 } })).toEqual({
      inputTokens: 110,
      outputTokens: 7,
      totalTokens: 117,
      cachedInputTokens: 100,
    });
  });

  it('reads embeddings, which have an input alone', () => {
    expect(tokenExtractors.extract({ value: 'a', embedding: [0.1], usage: { tokens: 4 } })).toEqual({
      inputTokens: 4,
      totalTokens: 4,
    });
  });

  const step = {
    type: 'finish-step',
    usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
    response: { modelId: 'm' },
  };

  it.each([
    [
      'the parts of version 4',
      [
        { type: 'step-start', messageId: '1' },
        { type: 'text-delta', textDelta: '' },
        { type: 'text-delta', textDelta: 'Hi' },
        {
          type: 'finish',
          finishReason: 'stop',
          usage: { promptTokens: 10, completionTokens: 7, totalTokens: 17 },
          response: { modelId: 'm' },
        },
      ],
    ],
    [
      'the parts of versions 5 to 7',
      [
        { type: 'start' },
        { type: 'start-step' },
        { type: 'text-delta', id: '1', text: 'Hi' },
        step,
        { type: 'finish', finishReason: 'stop', totalUsage: flat },
      ],
    ],
    [
      'the provider level',
      [
        { type: 'stream-start', warnings: [] },
        { type: 'response-metadata', modelId: 'm' },
        { type: 'reasoning-delta', id: '1', delta: 'Hm' },
        {
          type: 'finish',
          finishReason: { unified: 'stop', raw: 'end' },
          usage: { inputTokens: { total: 10 }, outputTokens: { total: 7 } },
        },
      ],
    ],
  ])('reads %s', (_what, parts) => {
    const expected = {
      extractor: 'ai-sdk',
      usage: counts,
      model: 'm',
      failed: false,
      finished: true,
      firstOutputIndex: 2,
    };

    expect(readStream(parts)).toEqual(expected);
    expect(readStream(parts.map((part) => ({ part, partialOutput: undefined })))).toEqual(expected);
  });

  it.each([
    ['reasoning', { type: 'reasoning', textDelta: 'Hm' }],
    ['the beginning of a call', { type: 'tool-input-start', id: 't', toolName: 'weather' }],
    ['the input of a call', { type: 'tool-input-delta', id: 't', delta: '{' }],
    ['a call', { type: 'tool-call', toolCallId: 't', toolName: 'weather' }],
    ['a call of version 4', { type: 'tool-call-delta', toolCallId: 't', argsTextDelta: '{' }],
    ['a file', { type: 'file', file: {} }],
  ])('takes %s for output', (_what, part) => {
    expect(readStream([{ type: 'start-step' }, part])).toMatchObject({ firstOutputIndex: 1 });
  });

  it.each([
    { type: 'text-delta', textDelta: '' },
    { type: 'text-delta', id: '1', text: '' },
    { type: 'reasoning-delta', id: '1', delta: '' },
    { type: 'tool-call-delta', toolCallId: 't', argsTextDelta: '' },
    { type: 'my-file', file: {} },
  ])('takes %j for no output', (part) => {
    expect(readStream([{ type: 'start-step' }, part])).toMatchObject({ firstOutputIndex: undefined });
  });

  it('states nothing of a stream that was left after a step', () => {
    expect(readStream([{ type: 'start-step' }, { type: 'text-delta', text: 'Hi' }, step])).toMatchObject({
      usage: undefined,
      finished: false,
    });
  });

  it.each(['start', 'text-start', 'reasoning-start', 'tool-result', 'source', 'raw'])(
    'takes %s for no output',
    (type) => {
      expect(readStream([{ type: 'start-step' }, { type, text: 'x' }])).toMatchObject({ firstOutputIndex: undefined });
    },
  );

  it.each([
    ['an error part', [{ type: 'start-step' }, { type: 'error', error: new Error('x') }]],
    ['an error part before all others', [{ type: 'error', error: new Error('x') }]],
    ['a finish in error', [{ type: 'start-step' }, { type: 'finish', finishReason: 'error', totalUsage: {} }]],
    [
      'a finish in error at the provider level',
      [{ type: 'stream-start' }, { type: 'finish', finishReason: { unified: 'error' }, usage: {} }],
    ],
  ])('counts %s as failure', (_what, parts) => {
    expect(readStream(parts)).toMatchObject({ failed: true });
  });

  it('touches no getter of the result of a stream, for they start or drain it', () => {
    const touched: string[] = [];
    const result = {};
    for (const name of [
      'textStream',
      'fullStream',
      'usage',
      'totalUsage',
      'finishReason',
      'object',
      'text',
      'response',
    ]) {
      Object.defineProperty(result, name, { get: () => void touched.push(name) });
    }

    expect(readResponse(tokenExtractors, result)).toMatchObject({ usage: undefined, model: undefined, failed: false });
    expect(tokenExtractors.recognize(result)?.name).toBe('ai-sdk');
    expect(touched).toEqual([]);
  });
});

describe('langchain', () => {
  const usage_metadata = {
    input_tokens: 10,
    output_tokens: 7,
    total_tokens: 18,
    input_token_details: { cache_read: 4, cache_creation: 1 },
    output_token_details: { reasoning: 3 },
  };
  const expected = {
    ...counts,
    totalTokens: 18,
    cachedInputTokens: 4,
    cacheWriteInputTokens: 1,
    reasoningTokens: 3,
  };
  const message = (content: unknown, over: object = {}) => ({ content, response_metadata: {}, ...over });

  it('reads a message, and of several copies of the same counts the first', () => {
    const whole = message('Hi', {
      usage_metadata,
      response_metadata: { model_name: 'm', tokenUsage: { promptTokens: 99 } },
    });

    expect(tokenExtractors.recognize(whole)?.name).toBe('langchain');
    expect(readResponse(tokenExtractors, whole)).toMatchObject({ usage: expected, model: 'm' });
  });

  it.each([
    ['OpenAI', { tokenUsage: { promptTokens: 10, completionTokens: 7, totalTokens: 17 } }],
    ['Anthropic', { usage: { input_tokens: 10, output_tokens: 7 } }],
  ])('reads a result of %s', (_provider, llmOutput) => {
    expect(tokenExtractors.extract({ generations: [[{ text: 'Hi' }]], llmOutput })).toEqual(counts);
  });

  it('reads a result whose message alone counts', () => {
    const generations = [[{ text: 'Hi', message: message('Hi', { usage_metadata }) }]];

    expect(tokenExtractors.extract({ generations, llmOutput: {} })).toEqual(expected);
    expect(tokenExtractors.extract({ generations, llmOutput: { tokenUsage: {} } })).toEqual(expected);
  });

  it('adds up what the chunks of a stream state', () => {
    const chunks = [
      message('', { usage_metadata: { input_tokens: 10, output_tokens: 1, total_tokens: 11 } }),
      message('Hi'),
      message('', {
        usage_metadata: { input_tokens: 0, output_tokens: 6, total_tokens: 6 },
        response_metadata: { model: 'm', stop_reason: 'end_turn' },
      }),
    ];
    const read = {
      extractor: 'langchain',
      usage: counts,
      model: 'm',
      failed: false,
      finished: true,
      firstOutputIndex: 1,
    };

    expect(readStream(chunks)).toEqual(read);
    expect(readStream(chunks.map((chunk) => ({ text: '', message: chunk })))).toEqual(read);
  });

  it.each([
    ['parts', message([{ type: 'text', text: 'Hi' }])],
    ['a call', message('', { tool_call_chunks: [{ name: 'weather', args: '' }] })],
    ['arguments', message('', { tool_call_chunks: [{ args: '{' }] })],
    ['reasoning', message('', { additional_kwargs: { reasoning_content: 'Hm' } })],
  ])('takes %s for output', (_what, chunk) => {
    expect(readStream([message(''), message([]), chunk])).toMatchObject({ firstOutputIndex: 2 });
  });
});
