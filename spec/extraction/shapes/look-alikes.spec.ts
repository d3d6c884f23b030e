import { tokenExtractors } from '../../../lib/extraction/default-registry.js';

const recognizes = (name: string, payload: unknown) => tokenExtractors.get(name)?.recognizes(payload);

describe('what looks like a shape and is none', () => {
  it.each([
    ['ai-sdk', { type: 'my-start-step' }],
    ['ai-sdk', { type: 'start-step-2' }],
    ['ai-sdk', { type: 'finish' }],
    ['ai-sdk', { type: 'note', finishReason: 'stop' }],
    ['ai-sdk', { type: 'note', partialOutput: undefined }],
    ['ai-sdk', { part: { type: 'note' } }],
    ['ai-sdk', { type: 'tool-call-delta', delta: { message: {} } }],
    ['anthropic.complete', { type: 'completion' }],
    ['anthropic.complete', { type: 'note', completion: 'Hi' }],
    ['anthropic.messages', { type: 'message', role: 'user' }],
    ['cohere', { type: 'my-message-start' }],
    ['cohere', { type: 'message-start-2' }],
    ['cohere', { meta: { page: 1 } }],
    ['google.interactions', { event_type: 'my.step.delta' }],
    ['langchain', { response_metadata: {} }],
    ['llama-stack', {}],
    ['llama-stack', { metrics: [] }],
    ['llama-stack', { metrics: [{ name: 'requests' }] }],
    ['llamacpp.completion', { content: 'Hi' }],
    ['llamacpp.completion', { content: 'Hi', stop: 'word' }],
    ['llamacpp.completion', { stop: true }],
    ['llamacpp.completion', { tokens_predicted: 1 }],
    ['ollama', { done: true }],
    ['ollama', { embeddings: [[0.1]] }],
    ['ollama', { total_duration: 3 }],
    ['openai.completions.tgi', { system_fingerprint: 'fp_44', choices: [{ text: 'Hi' }] }],
    ['openai.completions.tgi', { system_fingerprint: 'v3.1.2-native', choices: [{ text: 'Hi' }] }],
    ['openai.completions.tgi', { system_fingerprint: '3.1.2-native', choices: [{ delta: { content: 'Hi' } }] }],
    ['openai.completions.tgi', { system_fingerprint: '3.1.2-native', choices: [{ text: null }] }],
    ['replicate.prediction', { data: 'Hi' }],
    ['replicate.prediction', { status: 'succeeded' }],
    ['replicate.prediction', { urls: {} }],
    ['tgi.generate', { token: { text: 'Hi' } }],
    ['tgi.generate', { generated_text: null }],
    ['watsonx.generate', { results: [] }],
    ['watsonx.generate', { results: [{ generated_text: 'Hi' }] }],
  ])('is not %s: %j', (name, payload) => {
    expect(recognizes(name, payload)).toBe(false);
  });

  it.each([
    ['ai-sdk', { textStream: [] }],
    ['ai-sdk', { fullStream: [] }],
    ['ai-sdk', { type: 'reasoning', textDelta: 'Hm' }],
    ['ai-sdk', { type: 'redacted-reasoning', data: 'xx' }],
    ['bedrock.converse', { contentBlockStart: {} }],
    ['bedrock.converse', { messageStop: {} }],
    ['bedrock.invoke', { inputTextTokenCount: 3 }],
    ['bedrock.invoke', { generation_token_count: 3 }],
    ['google.generateContent', { usageMetadata: {} }],
    ['llama-stack', { metrics: [{ metric: 'prompt_tokens', value: 3 }] }],
    ['llamacpp.completion', { content: '', stop: false }],
    ['llamacpp.completion', { content: '', tokens_predicted: 1 }],
    ['openai.completions.tgi', { system_fingerprint: '13.1.2-sha-0a1b', choices: [{ text: '' }] }],
  ])('is %s, by that alone: %j', (name, payload) => {
    expect(recognizes(name, payload)).toBe(true);
  });
});

describe('a chunk of its shape that states nothing', () => {
  it.each([
    ['bedrock.converse', { messageStop: {} }],
    ['google.embed', { embedding: { values: [0.1] } }],
    ['llama-stack', { completion_message: {} }],
    ['ollama', { created_at: 'now', done: true }],
    ['ollama', { created_at: 'now', done: false, eval_count: 3 }],
    ['tgi.generate', { generated_text: 'Hi', details: { prefill: [{ id: 1 }] } }],
    ['watsonx.generate', {}],
  ])('states nothing as %s: %j', (name, payload) => {
    expect(tokenExtractors.get(name)?.usage(payload)).toBeUndefined();
  });
});
