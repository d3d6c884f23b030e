import { tokenExtractors } from '../../../lib/extraction/default-registry.js';
import { readResponse } from '../../../lib/extraction/registry.js';
import { readStream } from '../read-stream.js';

const bytes = (body: unknown) => new TextEncoder().encode(JSON.stringify(body));
const invoked = (body: unknown) => ({ body: bytes(body), contentType: 'application/json', $metadata: {} });
const streamed = (bodies: unknown[]) => bodies.map((body) => ({ chunk: { bytes: bytes(body) } }));
const metrics = (inputTokenCount: number, outputTokenCount: number) => ({
  'amazon-bedrock-invocationMetrics': {
    inputTokenCount,
    outputTokenCount,
    invocationLatency: 1500,
    firstByteLatency: 200,
  },
});

describe('bedrock.converse', () => {
  const usage = {
    inputTokens: 5,
    outputTokens: 2,
    totalTokens: 38,
    cacheReadInputTokens: 20,
    cacheWriteInputTokens: 10,
  };
  const counts = {
    inputTokens: 35,
    outputTokens: 2,
    totalTokens: 38,
    cachedInputTokens: 20,
    cacheWriteInputTokens: 10,
    inferenceSeconds: 0.25,
  };

  it('counts cached tokens into the input', () => {
    const response = {
      $metadata: {},
      output: { message: { role: 'assistant', content: [{ text: 'Hi' }] } },
      stopReason: 'end_turn',
      usage,
      metrics: { latencyMs: 250 },
    };

    expect(tokenExtractors.recognize(response)?.name).toBe('bedrock.converse');
    expect(tokenExtractors.extract(response)).toEqual(counts);
  });

  it('states no tokens where the usage was cut short, but the time', () => {
    const response = {
      output: { message: { content: [] } },
      stopReason: 'end_turn',
      usage: { outputTokens: 50 },
      metrics: { latencyMs: 250 },
    };

    expect(tokenExtractors.extract(response)).toBeUndefined();
    expect(readResponse(tokenExtractors, response).usage).toEqual({ inferenceSeconds: 0.25 });
  });

  it('reads a stream', () => {
    const chunks = [
      { messageStart: { role: 'assistant' } },
      { contentBlockDelta: { contentBlockIndex: 0, delta: { text: '' } } },
      { contentBlockDelta: { contentBlockIndex: 0, delta: { text: 'Hi' } } },
      { contentBlockStop: { contentBlockIndex: 0 } },
      { messageStop: { stopReason: 'end_turn' } },
      { metadata: { usage, metrics: { latencyMs: 250 } } },
    ];

    expect(readStream(chunks)).toEqual({
      extractor: 'bedrock.converse',
      usage: counts,
      model: undefined,
      failed: false,
      finished: true,
      firstOutputIndex: 2,
    });
  });

  it.each([
    ['reasoning', { contentBlockDelta: { delta: { reasoningContent: { text: 'Hm' } } } }],
    ['the input of a tool', { contentBlockDelta: { delta: { toolUse: { input: '{' } } } }],
    ['a tool', { contentBlockStart: { start: { toolUse: { toolUseId: 't', name: 'weather' } } } }],
  ])('takes %s for output', (_what, chunk) => {
    expect(readStream([{ messageStart: { role: 'assistant' } }, chunk])).toMatchObject({ firstOutputIndex: 1 });
  });

  it('counts an exception that comes as an item as failure', () => {
    const chunks = [{ messageStart: { role: 'assistant' } }, { modelStreamErrorException: { message: 'x' } }];

    expect(readStream(chunks)).toMatchObject({ failed: true });
  });
});

describe('bedrock.invoke', () => {
  it.each([
    [
      'Anthropic',
      {
        type: 'message',
        role: 'assistant',
        model: 'claude-x',
        usage: { input_tokens: 3, cache_read_input_tokens: 10, output_tokens: 4 },
      },
      { inputTokens: 13, outputTokens: 4, totalTokens: 17, cachedInputTokens: 10 },
    ],
    [
      'Nova',
      {
        output: { message: { content: [] } },
        stopReason: 'end_turn',
        usage: { inputTokens: 3, outputTokens: 4, totalTokens: 7 },
      },
      { inputTokens: 3, outputTokens: 4, totalTokens: 7 },
    ],
    [
      'Llama',
      { generation: 'Hi', prompt_token_count: 3, generation_token_count: 4 },
      { inputTokens: 3, outputTokens: 4, totalTokens: 7 },
    ],
    [
      'Titan',
      { inputTextTokenCount: 3, results: [{ tokenCount: 4, outputText: 'Hi' }] },
      { inputTokens: 3, outputTokens: 4, totalTokens: 7 },
    ],
    ["Titan's embeddings", { embedding: [0.1], inputTextTokenCount: 3 }, { inputTokens: 3, totalTokens: 3 }],
    [
      'OpenAI',
      { object: 'chat.completion', choices: [], usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 } },
      { inputTokens: 3, outputTokens: 4, totalTokens: 7 },
    ],
    ['a family whose counts come in headers', { embeddings: [[0.1]] }, undefined],
  ])('reads a body of %s', (_family, body, expected) => {
    expect(tokenExtractors.recognize(invoked(body))?.name).toBe('bedrock.invoke');
    expect(tokenExtractors.extract(invoked(body))).toEqual(expected);
  });

  it.each([
    [
      'Anthropic, whose own counts go before the metrics',
      [
        {
          type: 'message_start',
          message: {
            role: 'assistant',
            model: 'm',
            usage: { input_tokens: 3, cache_read_input_tokens: 10, output_tokens: 1 },
          },
        },
        { type: 'content_block_delta', delta: { type: 'text_delta', text: 'Hi' } },
        { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 4 } },
        { type: 'message_stop', ...metrics(2, 5) },
      ],
      { inputTokens: 13, outputTokens: 4, totalTokens: 17, cachedInputTokens: 10, inferenceSeconds: 1.5 },
    ],
    [
      'Nova',
      [
        { messageStart: { role: 'assistant' } },
        { contentBlockDelta: { delta: { text: 'Hi' } } },
        { metadata: { usage: { inputTokens: 3, outputTokens: 4 } }, ...metrics(3, 4) },
      ],
      { inputTokens: 3, outputTokens: 4, totalTokens: 7, inferenceSeconds: 1.5 },
    ],
    [
      'Llama, which counts up',
      [
        { generation: '', prompt_token_count: 3, generation_token_count: 1 },
        { generation: 'Hi', prompt_token_count: null, generation_token_count: 2 },
        { generation: '', prompt_token_count: null, generation_token_count: 4, ...metrics(3, 4) },
      ],
      { inputTokens: 3, outputTokens: 4, totalTokens: 7, inferenceSeconds: 1.5 },
    ],
    [
      'OpenAI, whose own counts go before the metrics',
      [
        { object: 'chat.completion.chunk', model: 'm', choices: [{ delta: { role: 'assistant' } }] },
        { object: 'chat.completion.chunk', choices: [{ delta: { content: 'Hi' } }] },
        {
          object: 'chat.completion.chunk',
          choices: [],
          usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
        },
        { choices: [], ...metrics(2, 4) },
      ],
      { inputTokens: 3, outputTokens: 4, totalTokens: 7, inferenceSeconds: 1.5 },
    ],
    [
      'Mistral, which states nothing of its own',
      [{ outputs: [{ text: '' }] }, { outputs: [{ text: 'Hi' }] }, { outputs: [{ text: '' }], ...metrics(3, 4) }],
      { inputTokens: 3, outputTokens: 4, totalTokens: 7, inferenceSeconds: 1.5 },
    ],
  ])('reads a stream of %s', (_family, bodies, usage) => {
    expect(readStream(streamed(bodies))).toMatchObject({
      extractor: 'bedrock.invoke',
      usage,
      failed: false,
      finished: true,
      firstOutputIndex: 1,
    });
  });

  it('counts what the metrics call cached into the input', () => {
    const last = {
      outputs: [{ text: '' }],
      'amazon-bedrock-invocationMetrics': {
        inputTokenCount: 3,
        outputTokenCount: 4,
        cacheReadInputTokenCount: 20,
        cacheWriteInputTokenCount: 10,
      },
    };

    expect(readStream(streamed([{ outputs: [{ text: 'Hi' }] }, last])).usage).toEqual({
      inputTokens: 33,
      outputTokens: 4,
      totalTokens: 37,
      cachedInputTokens: 20,
      cacheWriteInputTokens: 10,
    });
  });

  it('replaces the usage that stated a total by a later one that states one, and by no other', () => {
    const merge = tokenExtractors.get('bedrock.invoke')?.merge;
    const whole = { inputTokens: 3, outputTokens: 4, totalTokens: 7 };

    expect(merge?.(undefined, whole)).toEqual(whole);
    expect(merge?.(whole, { inputTokens: 2, outputTokens: 5 })).toEqual(whole);
    expect(merge?.(whole, { inputTokens: 3, outputTokens: 6, totalTokens: 9 })).toEqual({
      inputTokens: 3,
      outputTokens: 6,
      totalTokens: 9,
    });
  });

  it('names the model that the body names', () => {
    const message = { type: 'message', role: 'assistant', model: 'claude-x' };

    expect(readResponse(tokenExtractors, invoked(message)).model).toBe('claude-x');
    expect(readStream(streamed([{ type: 'message_start', message }])).model).toBe('claude-x');
  });

  it('reads a body that somebody parsed', () => {
    expect(tokenExtractors.extract({ inputTextTokenCount: 3, results: [{ tokenCount: 4 }] })).toEqual({
      inputTokens: 3,
      outputTokens: 4,
      totalTokens: 7,
    });
  });

  it('reads a body of 4 MiB, and none that is larger', () => {
    const frame = JSON.stringify({ generation: '', generation_token_count: 4 });
    const body = (length: number) =>
      invoked({ generation: 'x'.repeat(length - frame.length), generation_token_count: 4 });

    expect(tokenExtractors.extract(body(4 << 20))).toEqual({ outputTokens: 4 });
    expect(tokenExtractors.extract(body((4 << 20) + 1))).toBeUndefined();
  });

  it('reads a Llama that is cut off', () => {
    const chunks = streamed([
      { generation: 'a', prompt_token_count: 3, generation_token_count: 1 },
      { generation: 'b', prompt_token_count: null, generation_token_count: 2 },
    ]);

    expect(readStream(chunks)).toMatchObject({
      usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 },
      finished: false,
    });
  });

  it.each([
    ['bytes that are no JSON', { body: new Uint8Array([0xff, 0xd8]) }],
    ['a body too large to be text', { body: new Uint8Array((4 << 20) + 1) }],
    ['a stream that is still to be read', { body: (async function* () {})() }],
  ])('passes over %s', (_what, payload) => {
    expect(tokenExtractors.recognize(payload)).toBeUndefined();
  });
});
