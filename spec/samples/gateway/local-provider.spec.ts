import fc from 'fast-check';
import type OpenAI from 'openai';
import { LocalProvider } from '../../../samples/gateway/providers/local/local-provider.js';
import { chatTemplate } from '../../../samples/gateway/providers/local/prompts.js';
import { countTokens, encode } from '../../../samples/gateway/providers/local/tokenizer.js';

const provider = new LocalProvider({ tokensPerSecond: 0 });
const messages = [{ role: 'user' as const, content: 'Tell me about the White Rabbit.' }];

async function chat(params: Partial<OpenAI.ChatCompletionCreateParams> = {}, options = {}) {
  const result = await provider.chatCompletion({ model: 'markov', messages, ...params, stream: false }, options);
  return result as OpenAI.ChatCompletion;
}

async function chatChunks(params: Partial<OpenAI.ChatCompletionCreateParams> = {}) {
  const stream = await provider.chatCompletion({ model: 'markov', messages, ...params, stream: true }, {});
  const chunks: OpenAI.ChatCompletionChunk[] = [];
  for await (const chunk of stream as AsyncIterable<OpenAI.ChatCompletionChunk>) chunks.push(chunk);
  return chunks;
}

async function complete(params: Partial<OpenAI.CompletionCreateParams> = {}) {
  const result = await provider.completion({ model: 'markov', prompt: 'Alice was', ...params, stream: false }, {});
  return result as OpenAI.Completion;
}

function textsOf(chunks: readonly OpenAI.ChatCompletionChunk[], index = 0): string[] {
  return chunks
    .flatMap(({ choices }) => choices.filter((one) => one.index === index && one.delta.content))
    .map(({ delta }) => delta.content as string);
}

describe('LocalProvider, chat', () => {
  it('counts the tokens that the tokenizer counts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.double({ min: 0, max: 2, noNaN: true }), async (seed, temperature) => {
        const { choices, usage } = await chat({ seed, temperature, max_tokens: 500 });
        const content = choices[0]?.message.content as string;
        // A word that is cut off may be spelt with other tokens than the whole one; then only the number is certain.
        const counted = choices[0]?.finish_reason === 'stop' ? encode(content).length : 500;
        expect(usage?.completion_tokens).toBe(counted);
        expect(usage?.prompt_tokens).toBe(countTokens(chatTemplate(messages), 'messages'));
        expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + counted);
      }),
      { numRuns: 50 },
    );
  });

  it('streams a token a chunk, and the same text as without a stream', async () => {
    const chunks = await chatChunks({ seed: 4, stream_options: { include_usage: true } });
    const { choices, usage } = await chat({ seed: 4 });
    expect(textsOf(chunks).join('')).toBe(choices[0]?.message.content);
    expect(textsOf(chunks)).toHaveLength(usage?.completion_tokens ?? Number.NaN);
    expect(chunks[0]?.choices[0]?.delta).toEqual({ role: 'assistant', content: '' });
    expect(chunks.at(-2)?.choices[0]).toEqual({ index: 0, delta: {}, finish_reason: 'stop' });
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage });
  });

  it('streams no usage that nobody asked for', async () => {
    const chunks = await chatChunks({ max_tokens: 2 });
    expect(chunks.every((chunk) => chunk.usage === undefined && chunk.choices.length === 1)).toBe(true);
  });

  it.each(['max_tokens', 'max_completion_tokens'])('ends after %s', async (limit) => {
    const { choices, usage } = await chat({ seed: 1, [limit]: 3 });
    expect(choices[0]?.finish_reason).toBe('length');
    expect(usage?.completion_tokens).toBe(3);
  });

  it('gives as many choices as asked for, each with its own text, in step with each other', async () => {
    const chunks = await chatChunks({ n: 3, max_tokens: 5, seed: 6, stream_options: { include_usage: true } });
    const texts = [0, 1, 2].map((index) => textsOf(chunks, index));
    expect(texts.map(({ length }) => length)).toEqual([5, 5, 5]);
    expect(new Set(texts.map((text) => text.join(''))).size).toBe(3);
    expect(chunks.at(-1)?.usage?.completion_tokens).toBe(15);
    const order = chunks.flatMap(({ choices }) =>
      choices.filter(({ delta }) => delta.content).map(({ index }) => index),
    );
    expect(order).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]);
  });

  it('says the same for the same seed, and for temperature 0 without one', async () => {
    const content = async (params: object) => (await chat(params)).choices[0]?.message.content;
    expect(await content({ seed: 7 })).toBe(await content({ seed: 7 }));
    expect(await content({ seed: 7 })).not.toBe(await content({ seed: 8 }));
    expect((await content({ temperature: 0, seed: 1 }))?.length).toBeGreaterThan(0);
  });

  it('ends before a stop sequence, also one that spans tokens', async () => {
    const full = (await chat({ seed: 4 })).choices[0]?.message.content as string;
    const stop = full.slice(20, 31);
    const { choices, usage } = await chat({ seed: 4, stop: ['not in there', stop] });
    expect(choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { content: full.slice(0, full.indexOf(stop)) },
    });
    expect(usage?.completion_tokens).toBeGreaterThan(0);
    expect(textsOf(await chatChunks({ seed: 4, stop })).join('')).toBe(full.slice(0, full.indexOf(stop)));
  });

  it('reads content parts', async () => {
    const parts = [{ type: 'text' as const, text: messages[0]?.content ?? '' }];
    const { usage } = await chat({ seed: 1, messages: [{ role: 'user', content: parts }] });
    expect(usage?.prompt_tokens).toBe((await chat({ seed: 1 })).usage?.prompt_tokens);
  });

  it.each([
    ['temperature', { temperature: 2.1 }, 'above_max_value'],
    ['temperature', { temperature: '1' }, 'invalid_type'],
    ['top_p', { top_p: -1 }, 'below_min_value'],
    ['n', { n: 0 }, 'below_min_value'],
    ['n', { n: 1.5 }, 'invalid_type'],
    ['max_tokens', { max_tokens: 0 }, 'below_min_value'],
    ['max_completion_tokens', { max_completion_tokens: -3 }, 'below_min_value'],
    ['seed', { seed: 'x' }, 'invalid_type'],
    ['stop', { stop: ['a', 'b', 'c', 'd', 'e'] }, null],
    ['logprobs', { logprobs: true }, 'unsupported_parameter'],
    ['tool_choice', { tool_choice: 'required' }, 'unsupported_parameter'],
    ['response_format', { response_format: { type: 'json_object' } }, 'unsupported_parameter'],
    ['messages', { messages: [{ role: 'user', content: 'word '.repeat(5_000) }] }, 'context_length_exceeded'],
    ['messages', { messages: [{ role: 'user', content: 'x'.repeat(1_000_000) }] }, 'context_length_exceeded'],
    ['messages', { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }] }, null],
  ])('refuses a wrong %s: %o', async (param, params, code) => {
    await expect(chat(params as object)).rejects.toMatchObject({ name: 'ApiError', status: 400, param, code });
  });

  it('ignores null where OpenAI does', async () => {
    const nulls = { n: null, max_tokens: null, temperature: null, stop: null, seed: null, top_p: null };
    expect((await chat({ ...nulls })).choices).toHaveLength(1);
  });

  it('rejects with an AbortError when the client leaves, however slow it writes', async () => {
    const slow = new LocalProvider({ tokensPerSecond: 0.001 });
    const controller = new AbortController();
    const answer = slow.chatCompletion({ model: 'markov', messages }, { signal: controller.signal });
    controller.abort('Client connection prematurely closed.');
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
    await expect(chat({}, { signal: AbortSignal.abort('gone') })).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('ends a stream with an AbortError when the client leaves, at the next token', async () => {
    const controller = new AbortController();
    const stream = await provider.chatCompletion(
      { model: 'markov', messages, stream: true },
      { signal: controller.signal },
    );
    const iterator = (stream as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    await iterator.next();
    await iterator.next();
    controller.abort();
    await expect(iterator.next()).rejects.toMatchObject({ name: 'AbortError' });
    await expect(iterator.next()).resolves.toEqual({ done: true, value: undefined });
  });
});

describe('LocalProvider, completions', () => {
  it('goes on from the prompt, for 16 tokens where nothing is asked for', async () => {
    const { choices, usage } = await complete({ seed: 3 });
    expect(choices[0]?.text).toMatch(/^ \S/);
    expect(choices[0]?.finish_reason).toBe('length');
    expect(usage).toEqual({ prompt_tokens: encode('Alice was').length, completion_tokens: 16, total_tokens: 18 });
  });

  it('answers every prompt as often as asked, and echoes them if asked', async () => {
    const { choices } = await complete({ prompt: ['Alice was', 'The Rabbit'], n: 2, echo: true, max_tokens: 4 });
    expect(choices.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    expect(choices.map(({ text }) => text.split(' ').slice(0, 2).join(' '))).toEqual([
      'Alice was',
      'Alice was',
      'The Rabbit',
      'The Rabbit',
    ]);
  });

  it('takes tokens for a prompt', async () => {
    const { choices, usage } = await complete({ prompt: encode('Alice was'), seed: 3 });
    expect(choices).toEqual((await complete({ seed: 3 })).choices);
    expect(usage?.prompt_tokens).toBe(encode('Alice was').length);
    await expect(complete({ prompt: [1, 32_000] })).rejects.toMatchObject({ status: 400, param: 'prompt' });
  });

  it('streams the same text, with a usage chunk if asked', async () => {
    const params = { model: 'markov', prompt: 'Alice was', seed: 3, echo: true, stream: true as const };
    const stream = await provider.completion({ ...params, stream_options: { include_usage: true } }, {});
    const chunks: OpenAI.Completion[] = [];
    for await (const chunk of stream as AsyncIterable<OpenAI.Completion>) chunks.push(chunk);
    const { choices, usage } = await complete({ seed: 3, echo: true });
    expect(chunks.map((chunk) => chunk.choices[0]?.text ?? '').join('')).toBe(choices[0]?.text);
    expect(chunks.map((chunk) => chunk.choices[0]?.finish_reason ?? null).filter(Boolean)).toEqual(['length']);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage });
  });

  it('begins something of its own without a prompt', async () => {
    const { choices } = await complete({ prompt: '', max_tokens: 5 });
    expect(choices[0]?.text).toMatch(/^\S/);
  });

  it('refuses more choices than fit', async () => {
    await expect(complete({ prompt: Array(65).fill('a'), n: 2 })).rejects.toMatchObject({ status: 400, param: 'n' });
    await expect(complete({ suffix: 'end' })).rejects.toMatchObject({ code: 'unsupported_parameter' });
  });
});
