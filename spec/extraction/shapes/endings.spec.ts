import { tokenExtractors } from '../../../lib/extraction/default-registry.js';

const bytes = (body: unknown) => ({ chunk: { bytes: new TextEncoder().encode(JSON.stringify(body)) } });

/** What an extractor says of one chunk by itself. */
function said(name: string, payload: unknown) {
  const extractor = tokenExtractors.get(name);
  const chunk = extractor?.decode === undefined ? payload : extractor.decode(payload);
  return { finished: extractor?.finished?.(chunk), failed: extractor?.failed?.(chunk) ?? false };
}

describe('a chunk', () => {
  it.each([
    ['ai-sdk', { type: 'text-delta', text: 'Hi' }],
    ['ai-sdk', { type: 'finish-step', finishReason: 'stop' }],
    ['anthropic.complete', { type: 'completion', completion: 'Hi', stop_reason: null }],
    ['anthropic.messages', { type: 'message_delta', delta: { stop_reason: null } }],
    ['anthropic.messages', { type: 'content_block_stop' }],
    ['bedrock.converse', { contentBlockDelta: { delta: { text: 'Hi' } } }],
    ['bedrock.invoke', bytes({ type: 'content_block_delta', delta: { text: 'Hi' } })],
    ['bedrock.invoke', bytes({ generation: 'Hi' })],
    ['cohere', { type: 'content-end' }],
    ['cohere', { event_type: 'text-generation', text: 'Hi' }],
    ['google.generateContent', { candidates: [{ content: {} }] }],
    ['google.generateContent', { candidates: [{ finishReason: '' }] }],
    ['google.generateContent', { candidates: [{ finish_reason: 0 }] }],
    ['google.generateContent', { candidates: [] }],
    ['google.generateContent', { usageMetadata: {} }],
    ['google.interactions', { event_type: 'interaction.created' }],
    ['langchain', { content: 'Hi', response_metadata: { finish_reason: null } }],
    ['llama-stack', { event: { event_type: 'start' } }],
    ['llama-stack', { event: { event_type: 'progress' } }],
    ['llama-stack', { delta: 'Hi', stop_reason: null }],
    ['llamacpp.completion', { content: 'Hi', stop: false }],
    ['mistral.chat', { data: { choices: [{ finishReason: null }] } }],
    ['ollama', { created_at: 'now', done: false }],
    ['replicate.prediction', { event: 'output', data: 'Hi' }],
    ['tgi.generate', { token: { text: 'Hi' }, generated_text: null }],
    ['watsonx.generate', { results: [{ stop_reason: 'not_finished' }] }],
    ['watsonx.generate', { results: [{ stop_reason: null }] }],
    ['watsonx.generate', {}],
  ])('of %s goes on: %j', (name, chunk) => {
    expect(said(name, chunk)).toEqual({ finished: false, failed: false });
  });

  it.each([
    ['ai-sdk', { type: 'finish', finishReason: 'stop' }],
    ['anthropic.messages', { type: 'message_stop' }],
    ['anthropic.messages', { type: 'message_delta', delta: { stop_reason: 'end_turn' } }],
    ['bedrock.invoke', bytes({ type: 'message_stop' })],
    ['bedrock.invoke', bytes({ generation: '', 'amazon-bedrock-invocationMetrics': {} })],
    ['cohere', { type: 'message-end' }],
    ['cohere', { event_type: 'stream-end' }],
    ['google.generateContent', { candidates: [{ finishReason: 'STOP' }] }],
    ['google.generateContent', { candidates: [{ finish_reason: 1 }] }],
    ['google.interactions', { event_type: 'interaction.complete' }],
    ['google.interactions', { event_type: 'interaction.completed' }],
    ['langchain', { content: '', response_metadata: { stop_reason: 'end_turn' } }],
    ['llama-stack', { event: { event_type: 'complete' } }],
    ['llama-stack', { delta: '', stop_reason: 'end_of_turn' }],
    ['llamacpp.completion', { content: '', stop: true }],
    ['mistral.chat', { data: { choices: [{ finishReason: 'stop' }] } }],
    ['ollama', { created_at: 'now', done: true }],
    ['replicate.prediction', { event: 'done', data: '{}' }],
    ['tgi.generate', { token: { text: '' }, generated_text: 'Hi' }],
    ['watsonx.generate', { results: [{ stop_reason: 'eos_token' }] }],
  ])('of %s is the last: %j', (name, chunk) => {
    expect(said(name, chunk)).toEqual({ finished: true, failed: false });
  });

  it.each([
    ['ai-sdk', { type: 'error', error: 'overloaded' }],
    ['bedrock.converse', { throttlingException: { message: 'overloaded' } }],
    ['bedrock.invoke', { modelTimeoutException: { message: 'late' } }],
    ['bedrock.invoke', bytes({ choices: [{ finish_reason: 'error' }] })],
    ['google.interactions', { event_type: 'error', error: { message: 'overloaded' } }],
    ['replicate.prediction', { event: 'error', data: 'overloaded' }],
    ['watsonx.generate', { results: [{ stop_reason: 'error' }] }],
  ])('of %s says that the generation failed: %j', (name, chunk) => {
    expect(said(name, chunk).failed).toBe(true);
  });
});
