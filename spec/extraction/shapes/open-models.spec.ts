import { tokenExtractors } from '../../../lib/extraction/default-registry.js';
import { readResponse } from '../../../lib/extraction/registry.js';
import { readStream } from '../read-stream.js';

describe('ollama', () => {
  const done = {
    model: 'llama3',
    created_at: '2026-01-01T00:00:00Z',
    done: true,
    done_reason: 'stop',
    total_duration: 3_000_000_000,
    load_duration: 1_000_000_000,
    prompt_eval_count: 10,
    prompt_eval_duration: 500_000_000,
    eval_count: 20,
    eval_duration: 1_000_000_000,
  };
  const counts = { inputTokens: 10, outputTokens: 20, totalTokens: 30, inferenceSeconds: 1.5 };

  it.each([
    ['chat', { ...done, message: { role: 'assistant', content: 'Hi' } }, counts],
    ['generate', { ...done, response: 'Hi' }, counts],
    [
      'a prompt that was in the cache, whose count is left out',
      { ...done, prompt_eval_count: undefined, response: 'Hi' },
      { outputTokens: 20, totalTokens: 20, inferenceSeconds: 1.5 },
    ],
    [
      'embeddings, less the loading of the model',
      { model: 'e', embeddings: [[0.1]], total_duration: 3e9, load_duration: 1e9, prompt_eval_count: 4 },
      { inputTokens: 4, totalTokens: 4, inferenceSeconds: 2 },
    ],
  ])('reads %s', (_what, payload, expected) => {
    expect(tokenExtractors.recognize(payload)?.name).toBe('ollama');
    expect(tokenExtractors.extract(payload)).toEqual(expected);
  });

  it('reads a stream, whose last chunk alone counts', () => {
    const chunk = (message: object) => ({ model: 'llama3', created_at: 'now', done: false, message });

    expect(
      readStream([chunk({ content: '' }), chunk({ content: 'Hi' }), { ...done, message: { content: '' } }]),
    ).toEqual({
      extractor: 'ollama',
      usage: counts,
      model: 'llama3',
      failed: false,
      finished: true,
      firstOutputIndex: 1,
    });
  });

  it.each([
    ['thinking', { message: { content: '', thinking: 'Hm' } }],
    ['a tool call', { message: { content: '', tool_calls: [{ function: { name: 'weather', arguments: {} } }] } }],
    ['text', { response: 'Hi' }],
  ])('takes %s for output', (_what, over) => {
    expect(readStream([{ model: 'm', created_at: 'now', done: false, ...over }])).toMatchObject({
      firstOutputIndex: 0,
    });
  });

  it('counts an error in mid-stream as failure', () => {
    expect(readStream([{ created_at: 'now', done: false, response: 'a' }, { error: 'out of memory' }])).toMatchObject({
      failed: true,
    });
  });
});

describe('tgi.generate', () => {
  it.each([
    [
      'details',
      { generated_text: 'Hi', details: { generated_tokens: 5, input_length: 3, prefill: [] } },
      { inputTokens: 3, outputTokens: 5, totalTokens: 8 },
    ],
    [
      'the prompt token by token',
      { generated_text: 'Hi', details: { generated_tokens: 5, prefill: [{ id: 1 }, { id: 2 }] } },
      { inputTokens: 2, outputTokens: 5, totalTokens: 7 },
    ],
    ['no input', { generated_text: 'Hi', details: { generated_tokens: 5, prefill: [] } }, { outputTokens: 5 }],
    [
      'a list',
      [
        { generated_text: 'a', details: { generated_tokens: 5, input_length: 3 } },
        { generated_text: 'b', details: { generated_tokens: 1, input_length: 2 } },
      ],
      { inputTokens: 5, outputTokens: 6, totalTokens: 11 },
    ],
    ['no details', [{ generated_text: 'a' }], undefined],
    [
      'details of one in a list',
      [{ generated_text: 'a', details: { generated_tokens: 5, input_length: 3 } }, { generated_text: 'b' }],
      { inputTokens: 3, outputTokens: 5, totalTokens: 8 },
    ],
  ])('reads %s', (_what, payload, expected) => {
    expect(tokenExtractors.recognize(payload)?.name).toBe('tgi.generate');
    expect(tokenExtractors.extract(payload)).toEqual(expected);
  });

  it('reads a stream of tokens', () => {
    const token = (text: string, over: object = {}) => ({
      index: 1,
      token: { id: 1, text, special: false },
      generated_text: null,
      details: null,
      ...over,
    });
    const last = token('</s>', { generated_text: 'Hi', details: { generated_tokens: 2, input_length: 3 } });

    expect(readStream([token('Hi'), last])).toMatchObject({
      extractor: 'tgi.generate',
      usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 },
      finished: true,
      firstOutputIndex: 0,
    });
    expect(readStream([token('Hi'), { error: 'overloaded', error_type: 'overloaded' }])).toMatchObject({
      failed: true,
    });
  });
});

describe('watsonx.generate', () => {
  it('takes the largest counts: the input is zero in all chunks but the first, the output grows', () => {
    const chunk = (
      generated_text: string,
      generated_token_count: number,
      input_token_count: number,
      stop_reason = 'not_finished',
    ) => ({
      model_id: 'granite',
      results: [{ generated_text, generated_token_count, input_token_count, stop_reason }],
    });

    expect(readStream([chunk('', 0, 8), chunk('Hi', 1, 0), chunk('', 2, 0, 'eos_token')])).toEqual({
      extractor: 'watsonx.generate',
      usage: { inputTokens: 8, outputTokens: 2, totalTokens: 10 },
      model: 'granite',
      failed: false,
      finished: true,
      firstOutputIndex: 1,
    });
  });
});

describe('llamacpp.completion', () => {
  it('counts as it goes and states its times', () => {
    const chunks = [
      { content: 'Hi', stop: false, tokens_predicted: 1, tokens_evaluated: 9 },
      {
        content: '',
        stop: true,
        model: 'qwen',
        tokens_predicted: 2,
        tokens_evaluated: 9,
        timings: { cache_n: 4, prompt_n: 5, prompt_ms: 250, predicted_ms: 500 },
      },
    ];

    expect(readStream(chunks)).toEqual({
      extractor: 'llamacpp.completion',
      usage: { inputTokens: 9, outputTokens: 2, totalTokens: 11, cachedInputTokens: 4, inferenceSeconds: 0.75 },
      model: 'qwen',
      failed: false,
      finished: true,
      firstOutputIndex: 0,
    });
  });
});

describe('llama-stack', () => {
  const metrics = [
    { metric: 'prompt_tokens', value: 9, unit: 'tokens' },
    { metric: 'completion_tokens', value: 2 },
    { metric: 'total_tokens', value: 11 },
    { metric: '__proto__', value: 7 },
  ];
  const counts = { inputTokens: 9, outputTokens: 2, totalTokens: 11 };

  it('reads a completion', () => {
    expect(tokenExtractors.extract({ completion_message: { role: 'assistant', content: 'Hi' }, metrics })).toEqual(
      counts,
    );
    expect(tokenExtractors.extract({ completion_message: { role: 'assistant', content: 'Hi' } })).toBeUndefined();
  });

  it('reads a stream', () => {
    const event = (event_type: string, text: string) => ({ event: { event_type, delta: { type: 'text', text } } });

    expect(
      readStream([event('start', ''), event('progress', 'Hi'), { ...event('complete', ''), metrics }]),
    ).toMatchObject({
      extractor: 'llama-stack',
      usage: counts,
      finished: true,
      firstOutputIndex: 1,
    });
  });
});

describe('alephalpha.complete', () => {
  it('reads the counts', () => {
    const response = {
      completions: [{ completion: 'Hi' }],
      model_version: 'l',
      num_tokens_prompt_total: 9,
      num_tokens_generated: 2,
    };

    expect(readResponse(tokenExtractors, response)).toMatchObject({
      usage: { inputTokens: 9, outputTokens: 2, totalTokens: 11 },
      model: 'l',
    });
  });
});

describe('replicate.prediction', () => {
  const prediction = {
    id: 'p',
    model: 'meta/llama',
    status: 'succeeded',
    urls: { get: 'https://api.example/p' },
    metrics: { predict_time: 1.25 },
  };

  it('states the time in the model and no tokens', () => {
    expect(tokenExtractors.extract(prediction)).toBeUndefined();
    expect(readResponse(tokenExtractors, prediction)).toMatchObject({
      usage: { inferenceSeconds: 1.25 },
      model: 'meta/llama',
      failed: false,
    });
    expect(readResponse(tokenExtractors, { ...prediction, status: 'failed' })).toMatchObject({ failed: true });
  });

  it('reads a stream of events, whose first output is empty', () => {
    const event = (event: string, data: string) => ({ event, data });

    expect(readStream([event('output', ''), event('output', 'Hi'), event('done', '{}')])).toMatchObject({
      extractor: 'replicate.prediction',
      finished: true,
      firstOutputIndex: 1,
    });
    expect(readStream([event('output', ''), event('error', 'out of memory')])).toMatchObject({ failed: true });
  });
});
