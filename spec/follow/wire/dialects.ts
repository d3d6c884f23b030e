/** What a backend of one kind sends: the same short answer, ten tokens in and four out, in each one's own framing. */
export interface Dialect {
  readonly type: string;
  /** A whole stream. */
  readonly stream: readonly (string | Uint8Array)[];
  /** How many of its parts are sent when the first output has been. */
  readonly untilOutput: number;
  /** A part that says, inside a good response, that the generation failed. */
  readonly failure?: string | Uint8Array;
  /** Whether that comes to the consumer as an ordinary item, and nothing is thrown. */
  readonly failureIsItem?: boolean;
  /** The whole response where no stream is asked for. */
  readonly json: object;
}

const sse = (data: object | string, event?: string) =>
  `${event === undefined ? '' : `event: ${event}\n`}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
const lines = (item: object) => `${JSON.stringify(item)}\n`;

const SSE = 'text/event-stream; charset=utf-8';

const chatUsage = { prompt_tokens: 10, completion_tokens: 4, total_tokens: 14 };
const chatChunk = (fields: object) =>
  sse({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'served-model', ...fields });
const chatDelta = (delta: object, finish_reason: string | null = null) =>
  chatChunk({ choices: [{ index: 0, delta, finish_reason }] });

export const openaiChat: Dialect = {
  type: SSE,
  stream: [
    chatDelta({ role: 'assistant', content: '' }),
    chatDelta({ content: 'Grüß ' }),
    chatDelta({ content: 'Gott' }),
    chatDelta({}, 'stop'),
    chatChunk({ choices: [], usage: chatUsage }),
    sse('[DONE]'),
  ],
  untilOutput: 2,
  failure: sse({ error: { message: 'overloaded', type: 'server_error' } }),
  json: {
    id: 'c1',
    object: 'chat.completion',
    created: 1,
    model: 'served-model',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Grüß Gott' }, finish_reason: 'stop' }],
    usage: chatUsage,
  },
};

/** Mistral's client rejects fields that it does not know and `usage` must come with a choice. */
export const mistralChat: Dialect = {
  ...openaiChat,
  stream: [
    chatDelta({ role: 'assistant', content: '' }),
    chatDelta({ content: 'Grüß ' }),
    chatChunk({ choices: [{ index: 0, delta: { content: 'Gott' }, finish_reason: 'stop' }], usage: chatUsage }),
    sse('[DONE]'),
  ],
};

const response = (fields: object) => ({
  id: 'r1',
  object: 'response',
  created_at: 1,
  model: 'served-model',
  status: 'in_progress',
  output: [],
  parallel_tool_calls: true,
  tools: [],
  ...fields,
});
const message = {
  id: 'm1',
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text: 'Grüß Gott', annotations: [] }],
};
const completed = response({
  status: 'completed',
  output: [message],
  usage: {
    input_tokens: 10,
    output_tokens: 4,
    total_tokens: 14,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens_details: { reasoning_tokens: 0 },
  },
});
const responseEvents = [
  { type: 'response.created', response: response({}) },
  { type: 'response.output_item.added', output_index: 0, item: { ...message, status: 'in_progress', content: [] } },
  {
    type: 'response.content_part.added',
    item_id: 'm1',
    output_index: 0,
    content_index: 0,
    part: { type: 'output_text', text: '', annotations: [] },
  },
  { type: 'response.output_text.delta', item_id: 'm1', output_index: 0, content_index: 0, delta: 'Grüß Gott' },
  { type: 'response.completed', response: completed },
];

export const openaiResponses: Dialect = {
  type: SSE,
  stream: responseEvents.map((event, sequence_number) => sse({ ...event, sequence_number }, event.type)),
  untilOutput: 4,
  failure: sse(
    {
      type: 'response.failed',
      sequence_number: 4,
      response: response({ status: 'failed', error: { code: 'server_error', message: 'overloaded' } }),
    },
    'response.failed',
  ),
  failureIsItem: true,
  json: completed,
};

const anthropicMessage = (fields: object) => ({
  id: 'm1',
  type: 'message',
  role: 'assistant',
  model: 'served-model',
  content: [],
  stop_reason: null,
  stop_sequence: null,
  ...fields,
});
const anthropicEvent = (event: { type: string }) => sse(event, event.type);

export const anthropic: Dialect = {
  type: SSE,
  stream: [
    { type: 'message_start', message: anthropicMessage({ usage: { input_tokens: 10, output_tokens: 1 } }) },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Grüß Gott' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 4 } },
    { type: 'message_stop' },
  ].map(anthropicEvent),
  untilOutput: 3,
  failure: sse({ type: 'error', error: { type: 'overloaded_error', message: 'overloaded' } }, 'error'),
  json: anthropicMessage({
    content: [{ type: 'text', text: 'Grüß Gott' }],
    stop_reason: 'end_turn',
    usage: { input_tokens: 10, output_tokens: 4 },
  }),
};

const ollamaChat = (fields: object) => ({ model: 'served-model', created_at: '2026-01-01T00:00:00Z', ...fields });
const ollamaEnd = { done: true, done_reason: 'stop', prompt_eval_count: 10, eval_count: 4 };

export const ollama: Dialect = {
  type: 'application/x-ndjson',
  stream: [
    ollamaChat({ message: { role: 'assistant', content: 'Grüß ' }, done: false }),
    ollamaChat({ message: { role: 'assistant', content: 'Gott' }, done: false }),
    ollamaChat({ message: { role: 'assistant', content: '' }, ...ollamaEnd }),
  ].map(lines),
  untilOutput: 1,
  failure: lines({ error: 'the model runner has stopped' }),
  json: ollamaChat({ message: { role: 'assistant', content: 'Grüß Gott' }, ...ollamaEnd }),
};

const cohereUsage = {
  billed_units: { input_tokens: 3, output_tokens: 4 },
  tokens: { input_tokens: 10, output_tokens: 4 },
};

export const cohere: Dialect = {
  type: SSE,
  stream: [
    { type: 'message-start', id: 'm1', delta: { message: { role: 'assistant', content: [] } } },
    { type: 'content-start', index: 0, delta: { message: { content: { type: 'text', text: '' } } } },
    { type: 'content-delta', index: 0, delta: { message: { content: { text: 'Grüß Gott' } } } },
    { type: 'content-end', index: 0 },
    { type: 'message-end', delta: { finish_reason: 'COMPLETE', usage: cohereUsage } },
  ].map((event) => sse(event, event.type)),
  untilOutput: 3,
  json: {
    id: 'm1',
    finish_reason: 'COMPLETE',
    message: { role: 'assistant', content: [{ type: 'text', text: 'Grüß Gott' }] },
    usage: cohereUsage,
  },
};

const geminiChunk = (text: string, fields: object = {}) => ({
  candidates: [{ content: { role: 'model', parts: [{ text }] }, index: 0, ...fields }],
  modelVersion: 'served-model',
  usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 4, totalTokenCount: 14 },
});

export const gemini: Dialect = {
  type: 'text/event-stream',
  stream: [sse(geminiChunk('Grüß ')), sse(geminiChunk('Gott', { finishReason: 'STOP' }))],
  untilOutput: 1,
  failure: sse({ error: { code: 503, message: 'overloaded', status: 'UNAVAILABLE' } }),
  json: geminiChunk('Grüß Gott', { finishReason: 'STOP' }),
};

/** Replicate says neither how many tokens there were nor which model answered. */
export const replicate: Dialect = {
  type: SSE,
  stream: [sse('Grüß ', 'output'), sse('Gott', 'output'), sse('{}', 'done')],
  untilOutput: 1,
  failure: sse('the prediction has failed', 'error'),
  json: { id: 'p1', status: 'succeeded', output: ['Grüß ', 'Gott'], metrics: { predict_time: 1 } },
};
