import OpenAI from 'openai';
import { type Gateway, startGateway } from '../../samples/gateway/gateway.js';
import { until } from '../support/until.js';
import { HeldProvider } from './gateway/support/held-provider.js';
import { Scrape } from './gateway/support/scrape.js';

const messages = [{ role: 'user' as const, content: 'Tell me about the White Rabbit.' }];
const held = new HeldProvider();
let gateway: Gateway;
let client: OpenAI;

beforeAll(async () => {
  gateway = await startGateway({ port: 0, tokensPerSecond: 0, providers: [held], maxBodyBytes: 100_000 });
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'none', maxRetries: 0 });
});
afterAll(() => gateway.close(1_000));

// The specs of this block build on each other: together they are one story, and the last one asks for all of it.
describe('the sample gateway, as a stock client sees it', () => {
  it('chats', async () => {
    const { choices, usage, model } = await client.chat.completions.create({ model: 'local/markov', messages });
    expect(choices[0]?.message.content?.length).toBeGreaterThan(0);
    expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0));
    expect(model).toBe('local/markov');
  });

  it('streams a chat, with usage for those who ask', async () => {
    const params = { model: 'local/markov', messages, seed: 5, stream: true as const };
    const chunksOf = async (options: object) => {
      const chunks: OpenAI.ChatCompletionChunk[] = [];
      for await (const chunk of await client.chat.completions.create({ ...params, ...options })) chunks.push(chunk);
      return chunks;
    };
    const plain = await chunksOf({});
    const withUsage = await chunksOf({ stream_options: { include_usage: true } });
    expect(plain.every(({ choices, usage }) => choices.length === 1 && !usage)).toBe(true);
    expect(withUsage).toHaveLength(plain.length + 1);
    expect(withUsage.at(-1)?.choices).toEqual([]);
    const texts = plain.filter(({ choices }) => choices[0]?.delta.content);
    expect(withUsage.at(-1)?.usage?.completion_tokens).toBe(texts.length);
  });

  it('runs the stream helper of the client', async () => {
    const runner = client.chat.completions.stream({ model: 'local/markov', messages, max_tokens: 5 });
    const final = await runner.finalChatCompletion();
    expect(final.choices[0]).toMatchObject({ finish_reason: 'length', message: { role: 'assistant' } });
  });

  it('completes a text, streamed and not', async () => {
    const params = { model: 'local/markov', prompt: 'Alice was', seed: 3 };
    const { choices, usage } = await client.completions.create(params);
    let text = '';
    for await (const chunk of await client.completions.create({ ...params, stream: true }))
      text += chunk.choices[0]?.text;
    expect(text).toBe(choices[0]?.text);
    expect(usage?.completion_tokens).toBe(16);
  });

  it('embeds, as base64 that the client decodes and as numbers', async () => {
    const params = { model: 'local/markov', input: ['the cat', 'a dog'], dimensions: 32 };
    const byDefault = await client.embeddings.create(params);
    const asFloats = await client.embeddings.create({ ...params, encoding_format: 'float' });
    expect(byDefault.data.map(({ embedding }) => embedding.length)).toEqual([32, 32]);
    expect(byDefault).toEqual(asFloats);
  });

  it('stops a stream whose reader breaks off', async () => {
    const stream = await client.chat.completions.create({ model: 'held/word', messages, stream: true });
    for await (const chunk of stream) {
      expect(chunk.choices[0]?.delta.content).toBe('word');
      break;
    }
    await until('the provider to be told', () => held.closed === 1);
  });

  it('stops a stream that is aborted', async () => {
    const stream = await client.chat.completions.create({ model: 'held/word', messages, stream: true });
    await until('the stream to wait', () => held.waiting === 2);
    stream.controller.abort();
    await until('the provider to be told', () => held.closed === 2);
  });

  it('stops an answer that nobody waits for any more', async () => {
    const controller = new AbortController();
    const answer = client.chat.completions.create({ model: 'held/word', messages }, { signal: controller.signal });
    await until('the answer to wait', () => held.waiting === 3);
    controller.abort();
    await expect(answer).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
  });

  it('pulls from a model no more than a slow reader takes', async () => {
    const stream = await client.chat.completions.create({ model: 'held/flood', messages, stream: true });
    // Socket buffers fill up first. After that an unread stream stands still, whatever else is going on.
    let before = -1;
    await until('the flood to stand still', async () => {
      const now = held.pulled;
      for (let other = 0; other < 10; other++) await client.models.list();
      const still = now > 0 && now === before && now === held.pulled;
      before = now;
      return still;
    });
    stream.controller.abort();
    await until('the provider to be told', () => held.closed === 3);
  });

  it('tells of a failure midway, and keeps what went wrong to itself', async () => {
    const log = silenced();
    const stream = await client.chat.completions.create({ model: 'held/broken', messages, stream: true });
    const words: unknown[] = [];
    const read = async () => {
      for await (const chunk of stream) words.push(chunk.choices[0]?.delta.content);
    };
    await expect(read()).rejects.toThrow('The server had an error while processing your request.');
    expect(words).toEqual(['word']);
    expect(log.restore()).toHaveLength(1);
  });

  it('answers 500 to a stranger’s mistake', async () => {
    const log = silenced();
    const failing = client.completions.create({ model: 'held/word', prompt: 'x' });
    await expect(failing).rejects.toMatchObject({ status: 500, type: 'server_error' });
    await expect(failing).rejects.not.toThrow('secrets');
    expect(log.restore()).toHaveLength(1);
  });

  it('answers in OpenAI’s words to a model it does not know and to values out of range', async () => {
    await expect(client.chat.completions.create({ model: 'gpt-"5"\n\\', messages })).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
      param: 'model',
      type: 'invalid_request_error',
    });
    const hot = client.chat.completions.create({ model: 'local/markov', messages, temperature: 9, stream: true });
    await expect(hot).rejects.toMatchObject({ status: 400, code: 'above_max_value', param: 'temperature' });
    await expect(client.embeddings.create({ model: 'local/markov', input: '' })).rejects.toMatchObject({ status: 400 });
  });

  it('tells exactly this story in its metrics', async () => {
    const story = {
      'local/markov local chat_completion false success': 1,
      'local/markov local chat_completion true success': 3,
      'local/markov local completion false success': 1,
      'local/markov local completion true success': 1,
      'local/markov local embeddings false success': 2,
      'held/word held chat_completion true cancelled': 2,
      'held/word held chat_completion false cancelled': 1,
      'held/flood held chat_completion true cancelled': 1,
      'held/broken held chat_completion true error': 1,
      'held/word held completion false error': 1,
      'gpt-"5"\n\\ - chat_completion false error': 1,
      'local/markov local chat_completion true error': 1,
      'local/markov local embeddings false error': 1,
    };
    const scrape = await Scrape.settled(gateway.url, 17);
    expect(scrape.values('requests_total')).toEqual(story);
    expect(scrape.values('request_duration_seconds_count')).toEqual(story);
    expect(scrape.values('inference_duration_seconds_count')).toEqual(story);
    expect(scrape.values('concurrent_requests')).toEqual({});
    expect(scrape.values('time_to_first_token_seconds_count')).toEqual({
      'local/markov local chat_completion true success': 3,
      'local/markov local completion true success': 1,
      'held/word held chat_completion true cancelled': 2,
      'held/flood held chat_completion true cancelled': 1,
      'held/broken held chat_completion true error': 1,
    });
    // Known for every answer of a model that counts, for streams also where the client did not ask.
    expect(scrape.values('tokens_per_second_count')).toEqual({
      'local/markov local chat_completion false success': 1,
      'local/markov local chat_completion true success': 3,
      'local/markov local completion false success': 1,
      'local/markov local completion true success': 1,
      'local/markov local embeddings false success': 2,
    });
  });

  it('shows a request as concurrent while it runs, under the labels of its end', async () => {
    const stream = await client.chat.completions.create({ model: 'held/word', messages, stream: true });
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    const during = await Scrape.now(gateway.url);
    expect(during.values('concurrent_requests')).toEqual({ 'held/word held chat_completion true -': 1 });
    held.release();
    while (!(await iterator.next()).done);
    const after = await Scrape.settled(gateway.url, 18);
    expect(after.values('concurrent_requests')).toEqual({});
    expect(after.values('requests_total')).toMatchObject({ 'held/word held chat_completion true success': 1 });
  });
});

function silenced(): { restore(): unknown[][] } {
  const original = console.error;
  const logged: unknown[][] = [];
  console.error = (...line: unknown[]) => void logged.push(line);
  return {
    restore() {
      console.error = original;
      return logged;
    },
  };
}
