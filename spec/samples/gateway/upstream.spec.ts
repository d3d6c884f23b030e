import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import OpenAI from 'openai';
import { Stream } from 'openai/streaming';
import { type Gateway, startGateway } from '../../../samples/gateway/gateway.js';
import { InferenceRouter } from '../../../samples/gateway/inference-router.js';
import { LocalProvider } from '../../../samples/gateway/providers/local/local-provider.js';
import { OpenAIProvider } from '../../../samples/gateway/providers/openai-provider.js';
import type { ChatCompletionParams, EmbeddingParams } from '../../../samples/gateway/providers/provider.js';
import { RoutingTable } from '../../../samples/gateway/routing-table.js';
import { SSE_HEADERS, sseBody } from '../../../samples/gateway/sse.js';
import { until } from '../../support/until.js';
import { HeldProvider } from './support/held-provider.js';
import { Scrape } from './support/scrape.js';

const messages = [{ role: 'user' as const, content: 'Hello' }];
const held = new HeldProvider();
const received: ChatCompletionParams[] = [];
let upstream: Server;
let upstreamUrl: string;
let gateway: Gateway;
let client: OpenAI;

/** A server that speaks OpenAI's protocol, untracked, and fails where the model's name asks for it. */
function upstreamApp(): Hono {
  const local = new LocalProvider({ tokensPerSecond: 0 });
  return new Hono()
    .get('/v1/models', (c) =>
      c.json({ object: 'list', data: [{ id: 'org/markov', object: 'model', created: 1, owned_by: 'org' }] }),
    )
    .post('/v1/embeddings', async (c) => c.json(await local.embeddings(await c.req.json<EmbeddingParams>(), {})))
    .post('/v1/chat/completions', async (c) => {
      const params = await c.req.json<ChatCompletionParams>();
      received.push(params);
      if (params.model === 'busy') {
        const error = { message: 'Slow down.', type: 'requests', param: null, code: 'rate_limit_exceeded' };
        return c.json({ error }, 429, { 'retry-after': '7' });
      }
      if (params.model === 'html') return c.html('<h1>Bad gateway</h1>', 502);
      const provider = params.model === 'held' ? held : local;
      const result = await provider.chatCompletion(params, { signal: c.req.raw.signal });
      if (!(Symbol.asyncIterator in result)) return c.json(result);
      return c.body(sseBody(params.model === 'breaking' ? breaking() : result), 200, SSE_HEADERS);
    });
}

async function* breaking(): AsyncGenerator<object, void, undefined> {
  yield { object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content: 'word' }, finish_reason: null }] };
  throw new OpenAI.APIError(undefined, { message: 'Out of memory.', type: 'server_error' }, undefined, undefined);
}

beforeAll(async () => {
  upstream = createAdaptorServer({ fetch: upstreamApp().fetch }) as Server;
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  upstreamUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/v1`;
  gateway = await startGateway({ port: 0, upstream: { baseURL: upstreamUrl, apiKey: 'secret' } });
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'none', maxRetries: 0 });
});
afterAll(async () => {
  upstream.closeAllConnections();
  upstream.close();
  await gateway.close(1_000);
});

describe('the openai provider', () => {
  it('returns the stream of the SDK itself', async () => {
    const router = new InferenceRouter(new RoutingTable([new OpenAIProvider({ baseURL: upstreamUrl })]));
    const result = await router.openaiChatCompletion({ model: 'openai/markov', messages, stream: true });
    expect(result).toBeInstanceOf(Stream);
    for await (const _ of result as Stream<unknown>) break;
  });
});

describe('the gateway, before an upstream', () => {
  it('passes answers, streams and embeddings through', async () => {
    received.length = 0;
    const answer = await client.chat.completions.create({ model: 'openai/markov', messages, seed: 2 });
    let text = '';
    const stream = await client.chat.completions.create({ model: 'openai/markov', messages, seed: 2, stream: true });
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe(answer.choices[0]?.message.content);
    expect(received.map(({ model }) => model)).toEqual(['markov', 'markov']);
    // The usage of a stream is asked for on the client's behalf.
    expect(received[1]?.stream_options).toEqual({ include_usage: true });
    const base64 = await client.embeddings.create({ model: 'openai/markov', input: 'the cat' });
    const floats = await client.embeddings.create({
      model: 'openai/markov',
      input: 'the cat',
      encoding_format: 'float',
    });
    expect(base64).toEqual(floats);
  });

  it('lists the models of the upstream beside its own', async () => {
    const ids: string[] = [];
    for await (const { id } of client.models.list()) ids.push(id);
    expect(ids).toEqual(['local/markov', 'openai/org/markov']);
  });

  it('passes the upstream’s errors on, with their status', async () => {
    const busy = await client.chat.completions.create({ model: 'openai/busy', messages }).catch((error) => error);
    expect(busy).toBeInstanceOf(OpenAI.RateLimitError);
    expect(busy).toMatchObject({ code: 'rate_limit_exceeded', type: 'requests', message: '429 Slow down.' });
    expect(busy.headers.get('retry-after')).toBe('7');
    const html = client.chat.completions.create({ model: 'openai/html', messages, stream: true });
    await expect(html).rejects.toMatchObject({ status: 502, type: 'server_error' });
  });

  it('passes a failure midway on', async () => {
    const stream = await client.chat.completions.create({ model: 'openai/breaking', messages, stream: true });
    const read = async () => {
      for await (const _ of stream);
    };
    await expect(read()).rejects.toThrow('Out of memory.');
  });

  it('leaves the upstream when its client leaves', async () => {
    const stream = await client.chat.completions.create({ model: 'openai/held', messages, stream: true });
    for await (const _ of stream) break;
    await until('the upstream’s stream to be told', () => held.closed === 1);
    const controller = new AbortController();
    const options = { signal: controller.signal };
    const answer = client.chat.completions.create({ model: 'openai/held', messages }, options).catch((error) => error);
    await until('the upstream’s answer to wait', () => held.waiting >= 1 && received.at(-1)?.stream !== true);
    controller.abort();
    expect(await answer).toBeInstanceOf(OpenAI.APIUserAbortError);
  });

  it('has counted exactly that', async () => {
    const scrape = await Scrape.settled(gateway.url, 10);
    expect(scrape.values('requests_total')).toEqual({
      // The router asked without the gateway records at the same place: the global meter provider.
      'openai/markov openai chat_completion true cancelled': 1,
      'openai/markov openai chat_completion false success': 1,
      'openai/markov openai chat_completion true success': 1,
      'openai/markov openai embeddings false success': 2,
      'openai/busy openai chat_completion false error': 1,
      'openai/html openai chat_completion true error': 1,
      'openai/breaking openai chat_completion true error': 1,
      'openai/held openai chat_completion true cancelled': 1,
      'openai/held openai chat_completion false cancelled': 1,
    });
    expect(scrape.values('concurrent_requests')).toEqual({});
  });

  it('answers 502 when the upstream cannot be reached', async () => {
    upstream.closeAllConnections();
    upstream.close();
    await once(upstream, 'close');
    const unreachable = client.chat.completions.create({ model: 'openai/markov', messages });
    await expect(unreachable).rejects.toMatchObject({ status: 502, code: 'upstream_unreachable' });
  });
});
