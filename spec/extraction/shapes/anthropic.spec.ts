import { tokenExtractors } from '../../../lib/extraction/default-registry.js';
import { readResponse } from '../../../lib/extraction/registry.js';
import { readStream } from '../read-stream.js';

const start = (usage: object) => ({
  type: 'message_start',
  message: { type: 'message', role: 'assistant', model: 'claude-x', content: [], stop_reason: null, usage },
});
const block = (content_block: object) => ({ type: 'content_block_start', index: 0, content_block });
const delta = (delta: object) => ({ type: 'content_block_delta', index: 0, delta });
const end = (usage: object) => ({
  type: 'message_delta',
  delta: { stop_reason: 'end_turn', stop_sequence: null },
  usage,
});
const ping = { type: 'ping' };
const stop = { type: 'message_stop' };

describe('anthropic.messages', () => {
  it('counts cached tokens into the input', () => {
    const message = {
      type: 'message',
      role: 'assistant',
      model: 'claude-x',
      content: [{ type: 'text', text: 'Hi' }],
      stop_reason: 'end_turn',
      usage: {
        input_tokens: 10,
        cache_read_input_tokens: 100,
        cache_creation_input_tokens: 20,
        output_tokens: 5,
        output_tokens_details: { thinking_tokens: 3 },
      },
    };

    expect(readResponse(tokenExtractors, message)).toMatchObject({
      usage: {
        inputTokens: 130,
        outputTokens: 5,
        totalTokens: 135,
        cachedInputTokens: 100,
        cacheWriteInputTokens: 20,
        reasoningTokens: 3,
      },
      model: 'claude-x',
      failed: false,
    });
  });

  it.each([
    [
      'stated at the start, the output counted up',
      { input_tokens: 10, output_tokens: 1 },
      { output_tokens: 7 },
      { inputTokens: 10, outputTokens: 7, totalTokens: 17 },
    ],
    [
      'corrected at the end',
      { input_tokens: 10, output_tokens: 0 },
      { input_tokens: 61, output_tokens: 7 },
      { inputTokens: 61, outputTokens: 7, totalTokens: 68 },
    ],
    [
      'with a cache that the end does not repeat',
      { input_tokens: 10, cache_read_input_tokens: 100, cache_creation_input_tokens: 0, output_tokens: 1 },
      { input_tokens: 12, output_tokens: 7 },
      { inputTokens: 112, outputTokens: 7, totalTokens: 119, cachedInputTokens: 100, cacheWriteInputTokens: 0 },
    ],
    [
      'with nulls at the end, which replace nothing',
      { input_tokens: 10, cache_read_input_tokens: 100, output_tokens: 1 },
      { input_tokens: null, cache_read_input_tokens: null, output_tokens: 7 },
      { inputTokens: 110, outputTokens: 7, totalTokens: 117, cachedInputTokens: 100 },
    ],
    [
      'with a cache stated at the end alone',
      { input_tokens: 10, output_tokens: 1 },
      { input_tokens: null, cache_read_input_tokens: 30, output_tokens: 7 },
      { inputTokens: 40, outputTokens: 7, totalTokens: 47, cachedInputTokens: 30 },
    ],
  ])('reads a stream whose input is %s', (_what, first, last, usage) => {
    const chunks = [
      start(first),
      ping,
      block({ type: 'text', text: '' }),
      delta({ type: 'text_delta', text: 'Hi' }),
      end(last),
      stop,
    ];

    expect(readStream(chunks)).toEqual({
      extractor: 'anthropic.messages',
      usage,
      model: 'claude-x',
      failed: false,
      finished: true,
      firstOutputIndex: 3,
    });
  });

  it.each([
    ['text', delta({ type: 'text_delta', text: 'Hi' })],
    ['thinking', delta({ type: 'thinking_delta', thinking: 'Hm' })],
    ['the input of a tool', delta({ type: 'input_json_delta', partial_json: '{' })],
    ['a tool call', block({ type: 'tool_use', id: 't', name: 'weather', input: {} })],
    ['a tool call of the server', block({ type: 'server_tool_use', id: 't', name: 'web_search', input: {} })],
    ['redacted thinking', block({ type: 'redacted_thinking', data: 'xx' })],
  ])('takes %s for output', (_what, chunk) => {
    expect(readStream([start({}), chunk])).toMatchObject({ firstOutputIndex: 1 });
  });

  it.each([
    ['an empty block of text', block({ type: 'text', text: '' })],
    ['an empty block of thinking', block({ type: 'thinking', thinking: '', signature: '' })],
    ['a signature', delta({ type: 'signature_delta', signature: 'c2ln' })],
    ['empty input', delta({ type: 'input_json_delta', partial_json: '' })],
    ['a ping', ping],
  ])('takes %s for no output', (_what, chunk) => {
    expect(readStream([start({}), chunk])).toMatchObject({ firstOutputIndex: undefined });
  });

  it.each([
    ['before the first event', [{ type: 'error', error: { type: 'overloaded_error' } }]],
    ['in mid-stream', [start({ input_tokens: 3 }), { type: 'error', error: { type: 'overloaded_error' } }]],
  ])('counts an error %s as failure', (_when, chunks) => {
    expect(readStream(chunks)).toMatchObject({ failed: true, finished: false });
  });

  it('is finished when the reason to stop is known', () => {
    expect(readStream([start({}), end({ output_tokens: 1 })])).toMatchObject({ finished: true });
  });

  it("is not confused with Cohere's events, which have a hyphen", () => {
    expect(tokenExtractors.recognize({ type: 'message-start', delta: {} })?.name).toBe('cohere');
  });
});

describe('anthropic.complete', () => {
  it('states no tokens, but its output and its end', () => {
    const chunk = (completion: string, stop_reason: string | null) => ({
      type: 'completion',
      completion,
      stop_reason,
      model: 'claude-2',
    });

    expect(readStream([chunk('', null), ping, chunk(' Hi', null), chunk('', 'stop_sequence')])).toEqual({
      extractor: 'anthropic.complete',
      usage: undefined,
      model: 'claude-2',
      failed: false,
      finished: true,
      firstOutputIndex: 2,
    });
  });
});
