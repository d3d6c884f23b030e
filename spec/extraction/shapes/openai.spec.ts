import { tokenExtractors } from '../../../lib/extraction/default-registry.js';
import { readResponse } from '../../../lib/extraction/registry.js';
import { readStream } from '../read-stream.js';

const usage = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };
const counts = { inputTokens: 11, outputTokens: 7, totalTokens: 18 };

const completion = (over: object = {}) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  model: 'gpt-x',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
  usage,
  ...over,
});

const chunk = (delta: object, over: object = {}) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  model: 'gpt-x',
  choices: [{ index: 0, delta, finish_reason: null }],
  ...over,
});

const role = chunk({ role: 'assistant', content: '' });
const said = chunk({ content: 'Hello' });
const stop = chunk({}, { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
const usageChunk = chunk({}, { choices: [], usage });

describe('openai.chat', () => {
  it.each([
    [
      'OpenAI, with details',
      completion({
        usage: {
          ...usage,
          prompt_tokens_details: { cached_tokens: 4 },
          completion_tokens_details: { reasoning_tokens: 2 },
        },
      }),
      { ...counts, cachedInputTokens: 4, reasoningTokens: 2 },
    ],
    [
      'OpenAI, with details left null',
      completion({ usage: { ...usage, prompt_tokens_details: null, completion_tokens_details: null } }),
      counts,
    ],
    [
      'OpenRouter, which also writes the cache',
      completion({ usage: { ...usage, prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 9 } } }),
      { ...counts, cachedInputTokens: 0, cacheWriteInputTokens: 9 },
    ],
    [
      'DeepSeek',
      completion({ usage: { ...usage, prompt_cache_hit_tokens: 8, prompt_cache_miss_tokens: 3 } }),
      { ...counts, cachedInputTokens: 8 },
    ],
    [
      'Together and Moonshot',
      completion({ usage: { ...usage, cached_tokens: 5 } }),
      { ...counts, cachedInputTokens: 5 },
    ],
    ['Mistral', completion({ usage: { ...usage, num_cached_tokens: 6 } }), { ...counts, cachedInputTokens: 6 }],
    [
      'Writer',
      completion({
        usage: {
          ...usage,
          prompt_token_details: { cached_tokens: 1 },
          completion_token_details: { reasoning_tokens: 2 },
        },
      }),
      { ...counts, cachedInputTokens: 1, reasoningTokens: 2 },
    ],
    [
      'xAI, whose total has the reasoning that its output has not',
      completion({ usage: { prompt_tokens: 12, completion_tokens: 2, total_tokens: 354 } }),
      { inputTokens: 12, outputTokens: 2, totalTokens: 354 },
    ],
    ['a server that states no total', completion({ usage: { prompt_tokens: 11, completion_tokens: 7 } }), counts],
    [
      'Groq, with the times of both phases',
      completion({ usage: { ...usage, queue_time: 9, prompt_time: 0.25, completion_time: 0.5, total_time: 0.75 } }),
      { ...counts, inferenceSeconds: 0.75 },
    ],
    [
      'Cerebras, with the times beside the usage',
      completion({ time_info: { queue_time: 9, prompt_time: 0.25, completion_time: 0.5, total_time: 9.75 } }),
      { ...counts, inferenceSeconds: 0.75 },
    ],
    [
      'SambaNova',
      completion({ usage: { ...usage, total_latency: 0.125, time_to_first_token: 0.1 } }),
      { ...counts, inferenceSeconds: 0.125 },
    ],
    [
      'llama.cpp, with timings alone',
      completion({
        usage: undefined,
        timings: { cache_n: 4, prompt_n: 7, predicted_n: 7, prompt_ms: 250, predicted_ms: 500 },
      }),
      { ...counts, cachedInputTokens: 4, inferenceSeconds: 0.75 },
    ],
    [
      'a legacy completion',
      { object: 'text_completion', model: 'm', choices: [{ text: 'Hi', finish_reason: 'stop' }], usage },
      counts,
    ],
    [
      'a legacy completion of Together',
      { object: 'text.completion', model: 'm', choices: [{ text: 'Hi' }], usage },
      counts,
    ],
    ['a server that names no object', { model: 'm', choices: [{ message: { content: 'Hi' } }], usage }, counts],
  ])('reads %s', (_who, payload, expected) => {
    expect(tokenExtractors.recognize(payload)?.name).toBe('openai.chat');
    expect(tokenExtractors.extract(payload)).toEqual(expected);
  });

  it.each([
    ['no usage', completion({ usage: undefined })],
    ['null', completion({ usage: null })],
    ['an empty usage', completion({ usage: {} })],
    ['counts that are text', completion({ usage: { prompt_tokens: '11', completion_tokens: '7' } })],
  ])('leaves unknown what is stated as %s', (_what, payload) => {
    expect(tokenExtractors.extract(payload)).toBeUndefined();
  });

  it.each([
    ['OpenAI, asked for usage', [role, said, stop, usageChunk]],
    [
      'a usage chunk that still has a choice (OpenRouter)',
      [role, said, stop, chunk({ role: 'assistant', content: '' }, { usage })],
    ],
    ['usage on the finish chunk (Mistral, DeepSeek)', [role, said, { ...stop, usage }]],
    ['usage under x_groq alone', [{ ...role, x_groq: { id: 'req' } }, said, { ...stop, x_groq: { id: 'req', usage } }]],
    ['usage and x_groq in one chunk', [role, said, { ...stop, usage, x_groq: { usage } }]],
    [
      'usage in the choice (Moonshot)',
      [role, said, { ...stop, choices: [{ index: 0, delta: {}, finish_reason: 'stop', usage }] }],
    ],
    [
      'usage counted up in every chunk (Perplexity, vLLM)',
      [
        { ...role, usage: { prompt_tokens: 11, completion_tokens: 0, total_tokens: 11 } },
        { ...said, usage: { prompt_tokens: 11, completion_tokens: 3, total_tokens: 14 } },
        { ...stop, usage },
      ],
    ],
    ['a final usage sent twice (Fireworks)', [role, said, { ...stop, usage }, usageChunk]],
    [
      'null in all chunks but the last',
      [{ ...role, usage: null }, { ...said, usage: null }, { ...stop, usage: null }, usageChunk],
    ],
  ])('reads a stream with %s', (_what, chunks) => {
    expect(readStream(chunks)).toEqual({
      extractor: 'openai.chat',
      usage: counts,
      model: 'gpt-x',
      failed: false,
      finished: true,
      firstOutputIndex: 1,
    });
  });

  it('leaves the usage of a stream unknown that does not state any', () => {
    expect(readStream([role, said, said, stop])).toMatchObject({
      usage: undefined,
      firstOutputIndex: 1,
      finished: true,
    });
  });

  it.each([
    ['text', { content: 'Hi' }],
    ['reasoning (DeepSeek, vLLM)', { reasoning_content: 'Hm' }],
    ['reasoning (Groq, Ollama)', { reasoning: 'Hm' }],
    ['reasoning details', { content: '', reasoning_details: [{ type: 'reasoning.text', text: 'Hm' }] }],
    ['a thought in parts (Mistral)', { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] }] }],
    ['text in parts', { content: [{ type: 'text', text: 'Hi' }] }],
    ['the name of a tool', { tool_calls: [{ index: 0, function: { name: 'weather', arguments: '' } }] }],
    ['the arguments of a tool', { tool_calls: [{ index: 0, function: { arguments: '{"' } }] }],
    ['a custom tool', { tool_calls: [{ index: 0, custom: { input: 'SELECT' } }] }],
    ['a function of the old kind', { function_call: { name: 'weather' } }],
    ['a refusal', { refusal: 'No' }],
    ['sound', { audio: { data: 'AAAA' } }],
    ['a picture', { images: [{ type: 'image_url', image_url: { url: 'data:' } }] }],
  ])('takes %s for output', (_what, delta) => {
    expect(readStream([role, chunk(delta)])).toMatchObject({ firstOutputIndex: 1 });
  });

  it.each([
    ['nothing', {}],
    ['a role', { role: 'assistant' }],
    ['empty text', { role: 'assistant', content: '', refusal: null }],
    ['no tool calls', { tool_calls: [] }],
    ['a tool call without name and arguments', { tool_calls: [{ index: 0, id: '', function: { arguments: '' } }] }],
    ['an empty part', { content: [{ type: 'text', text: '' }] }],
    ['a signature', { reasoning_details: [{ type: 'reasoning.encrypted', data: 'c2ln' }] }],
    ['the name of a sound', { audio: { id: 'audio_1' } }],
  ])('takes %s for no output', (_what, delta) => {
    expect(readStream([chunk(delta), said])).toMatchObject({ firstOutputIndex: 1 });
  });

  it("knows Azure's first chunk, which has neither object nor choices nor model", () => {
    const first = { id: '', object: '', model: '', choices: [], usage: null, prompt_filter_results: [] };

    expect(readStream([first, role, said])).toMatchObject({
      extractor: 'openai.chat',
      model: 'gpt-x',
      failed: false,
      firstOutputIndex: 2,
    });
  });

  it("knows Hugging Face's chat, which is streamed as text completion", () => {
    const chunks = [
      chunk({ content: 'Hi' }, { object: 'text_completion' }),
      { ...stop, object: 'text_completion', usage },
    ];

    expect(readStream(chunks)).toMatchObject({ extractor: 'openai.chat', usage: counts, firstOutputIndex: 0 });
  });

  it.each([
    ['an error instead of choices', { error: { message: 'overloaded', code: 503 } }],
    ['an error beside no choices', { object: 'chat.completion.chunk', choices: [], error: { message: 'overloaded' } }],
    [
      'a choice that ends in error',
      { object: 'chat.completion.chunk', choices: [{ delta: {}, finish_reason: 'error' }] },
    ],
  ])('counts %s in mid-stream as failure', (_what, failure) => {
    expect(readStream([role, said, failure])).toMatchObject({ failed: true });
  });

  it('counts a body with nothing but an error as failure', () => {
    expect(readResponse(tokenExtractors, { error: { message: 'no such model' } })).toMatchObject({ failed: true });
    expect(readResponse(tokenExtractors, completion())).toMatchObject({ failed: false, model: 'gpt-x' });
  });
});

describe('openai.completions.tgi', () => {
  const prompt = (index: number, text: string, over: object = {}) => ({
    object: 'text_completion',
    model: 'llama',
    system_fingerprint: '3.1.2-native',
    choices: [{ index, text, finish_reason: '' }],
    usage: null,
    ...over,
  });
  const end = (index: number) => prompt(index, '', { choices: [{ index, text: '', finish_reason: 'length' }], usage });

  it('adds up what the prompts of one stream state', () => {
    const chunks = [prompt(0, 'a'), prompt(1, 'b'), end(1), prompt(0, 'c'), end(0)];

    expect(readStream(chunks)).toMatchObject({
      extractor: 'openai.completions.tgi',
      usage: { inputTokens: 22, outputTokens: 14, totalTokens: 36 },
      firstOutputIndex: 0,
      finished: true,
    });
  });
});

describe('openai.embeddings', () => {
  const list = (usage: unknown) => ({
    object: 'list',
    model: 'e',
    data: [{ object: 'embedding', embedding: [0.1] }],
    usage,
  });

  it.each([
    ['OpenAI', list({ prompt_tokens: 8, total_tokens: 8 }), { inputTokens: 8, totalTokens: 8 }],
    [
      'Mistral, which states an output of zero',
      list({ prompt_tokens: 8, completion_tokens: 0, total_tokens: 8 }),
      { inputTokens: 8, outputTokens: 0, totalTokens: 8 },
    ],
    ['a server that leaves the total out', list({ prompt_tokens: 8 }), { inputTokens: 8, totalTokens: 8 }],
    ['Voyage, which states the total alone', list({ total_tokens: 8 }), { totalTokens: 8 }],
    ["Mistral's SDK", list({ promptTokens: 8, totalTokens: 8 }), { inputTokens: 8, totalTokens: 8 }],
  ])('reads %s', (_who, payload, expected) => {
    expect(tokenExtractors.recognize(payload)?.name).toBe('openai.embeddings');
    expect(tokenExtractors.extract(payload)).toEqual(expected);
  });

  it('is not any list', () => {
    expect(tokenExtractors.recognize({ object: 'list', data: [{ id: 'gpt-x', object: 'model' }] })).toBeUndefined();
  });

  it('is a list of vectors that states no usage, too', () => {
    expect(tokenExtractors.recognize(list(undefined))?.name).toBe('openai.embeddings');
    expect(tokenExtractors.get('openai.embeddings')?.usage(list(undefined))).toBeUndefined();
  });

  it.each([
    ['Voyage', { object: 'list', data: [{ relevance_score: 0.9, index: 0 }], model: 'r', usage: { total_tokens: 26 } }],
    ['Jina', { object: 'rerank', results: [{ index: 0 }], model: 'r', usage: { total_tokens: 26 } }],
  ])('reads what %s reranked', (_who, payload) => {
    expect(tokenExtractors.recognize(payload)?.name).toBe('openai.embeddings');
    expect(tokenExtractors.extract(payload)).toEqual({ totalTokens: 26 });
  });
});

describe('openai.responses', () => {
  const stated = {
    input_tokens: 11,
    input_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 },
    output_tokens: 7,
    output_tokens_details: { reasoning_tokens: 3 },
    total_tokens: 18,
  };
  const expected = { ...counts, cachedInputTokens: 4, cacheWriteInputTokens: 2, reasoningTokens: 3 };
  const response = (over: object = {}) => ({
    object: 'response',
    model: 'gpt-x',
    status: 'completed',
    usage: stated,
    ...over,
  });
  const event = (type: string, over: object = {}) => ({ type: `response.${type}`, ...over });
  const created = event('created', { response: response({ status: 'in_progress', usage: null }) });
  const announced = event('output_item.added', { item: { type: 'message', content: [] } });
  const completed = event('completed', { response: response() });

  it('reads a whole response', () => {
    expect(readResponse(tokenExtractors, response())).toMatchObject({ usage: expected, model: 'gpt-x', failed: false });
  });

  it('reads the events of a stream', () => {
    const delta = event('output_text.delta', { delta: 'Hi' });

    expect(readStream([created, announced, event('output_text.delta', { delta: '' }), delta, completed])).toEqual({
      extractor: 'openai.responses',
      usage: expected,
      model: 'gpt-x',
      failed: false,
      finished: true,
      firstOutputIndex: 3,
    });
    expect(readStream([created, announced, delta]).finished).toBe(false);
  });

  it('takes what was heard of the user for no output', () => {
    const heard = { type: 'conversation.item.input_audio_transcription.delta', delta: 'Hello' };

    expect(readStream([created, heard])).toMatchObject({ firstOutputIndex: undefined });
  });

  it('counts an item that failed as no failure of the response', () => {
    expect(readStream([created, event('output_item.done', { status: 'failed' })])).toMatchObject({ failed: false });
  });

  it.each([
    'reasoning_text',
    'reasoning_summary_text',
    'function_call_arguments',
    'custom_tool_call_input',
    'refusal',
    'audio',
  ])('takes a delta of %s for output', (kind) => {
    expect(readStream([created, event(`${kind}.delta`, { delta: 'x' })])).toMatchObject({ firstOutputIndex: 1 });
  });

  it('leaves the first output unknown where there is no delta', () => {
    const item = event('output_item.done', { item: { type: 'apply_patch_call' } });

    expect(readStream([created, announced, item, completed])).toMatchObject({ firstOutputIndex: undefined });
  });

  it('reads the objects of its kin, as a compaction', () => {
    expect(tokenExtractors.extract(response({ object: 'response.compaction' }))).toEqual(expected);
  });

  it('leaves unknown what a queued response does not state', () => {
    expect(tokenExtractors.extract(response({ status: 'queued', usage: null }))).toBeUndefined();
  });

  it.each([
    ['an error event', [created, { type: 'error', code: 'server_error', message: 'x' }]],
    ['a failed response', [created, event('failed', { response: response({ status: 'failed', usage: null }) })]],
  ])('counts %s as failure', (_what, chunks) => {
    expect(readStream(chunks)).toMatchObject({ extractor: 'openai.responses', failed: true });
  });

  it('counts a whole response that failed as failure, and one cut short as none', () => {
    expect(readResponse(tokenExtractors, response({ status: 'failed' }))).toMatchObject({ failed: true });
    expect(readStream([created, event('incomplete', { response: response({ status: 'incomplete' }) })])).toMatchObject({
      usage: expected,
      failed: false,
      finished: true,
    });
  });

  it('reads the responses of the Realtime API', () => {
    const done = {
      type: 'response.done',
      response: {
        object: 'realtime.response',
        usage: { ...stated, input_tokens_details: undefined, input_token_details: { cached_tokens: 1 } },
      },
    };

    expect(readStream([done])).toMatchObject({
      usage: { ...counts, cachedInputTokens: 1, reasoningTokens: 3 },
      finished: true,
    });
  });
});

describe('openai.images, openai.audio and openai.moderations', () => {
  const stated = { input_tokens: 11, output_tokens: 7, total_tokens: 18 };

  it.each([
    ['images', 'openai.images', { created: 1, data: [{ b64_json: 'AAAA' }], usage: stated }, counts],
    ['images without usage', 'openai.images', { created: 1, data: [{ url: 'https://images.example/1' }] }, undefined],
    ['a transcription', 'openai.audio', { text: 'Hello.', usage: { type: 'tokens', ...stated } }, counts],
    [
      'a transcription billed by the second',
      'openai.audio',
      { text: 'Hello.', usage: { type: 'duration', seconds: 3 } },
      undefined,
    ],
    ["Mistral's transcription", 'openai.audio', { text: 'Hello.', model: 'voxtral', usage }, counts],
    ['a moderation', 'openai.moderations', { id: 'm', model: 'mod', results: [{ flagged: false }] }, undefined],
  ])('reads %s', (_what, name, payload, expected) => {
    expect(tokenExtractors.recognize(payload)?.name).toBe(name);
    expect(tokenExtractors.extract(payload)).toEqual(expected);
  });

  it.each([
    ['openai.images', { data: [] }],
    ['openai.images', { data: ['AAAA'] }],
    ['openai.audio', { usage }],
    ['openai.moderations', {}],
    ['openai.moderations', { results: [] }],
    ['openai.moderations', { results: [{ title: 'found' }] }],
  ])('%s is not %j', (name, payload) => {
    expect(tokenExtractors.get(name)?.recognizes(payload)).toBe(false);
  });

  it('reads streamed images', () => {
    const chunks = [
      { type: 'image_generation.partial_image', b64_json: 'AA' },
      { type: 'image_generation.completed', b64_json: 'AAAA', usage: stated },
    ];

    expect(readStream(chunks)).toMatchObject({
      extractor: 'openai.images',
      usage: counts,
      firstOutputIndex: 0,
      finished: true,
    });
    expect(readStream(chunks.slice(0, 1)).finished).toBe(false);
  });

  it.each([
    ['transcript.text', { delta: 'Hello' }],
    ['speech.audio', { audio: 'AAAA' }],
  ])('reads a streamed %s', (kind, output) => {
    const chunks = [
      { type: `${kind}.delta`, ...output },
      { type: `${kind}.done`, usage: stated },
    ];

    expect(readStream(chunks)).toMatchObject({
      extractor: 'openai.audio',
      usage: counts,
      firstOutputIndex: 0,
      finished: true,
    });
    expect(readStream(chunks.slice(0, 1)).finished).toBe(false);
  });
});
