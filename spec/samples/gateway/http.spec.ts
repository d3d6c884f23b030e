import { type Gateway, startGateway } from '../../../samples/gateway/gateway.js';
import { Scrape } from './support/scrape.js';

const CHAT = '/v1/chat/completions';
const messages = [{ role: 'user', content: 'Hello' }];
let gateway: Gateway;

beforeAll(async () => {
  gateway = await startGateway({ port: 0, tokensPerSecond: 0, maxBodyBytes: 10_000 });
});
afterAll(() => gateway.close(1_000));

function post(path: string, body: unknown, init: RequestInit = {}): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return fetch(gateway.url + path, { method: 'POST', body: text, ...init });
}

async function errorOf(response: Response) {
  const { error, ...rest } = (await response.json()) as { error: Record<string, unknown> };
  expect(rest).toEqual({});
  expect(Object.keys(error).sort()).toEqual(['code', 'message', 'param', 'type']);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(response.headers.get('x-request-id')).toMatch(/\S/);
  return { status: response.status, ...error };
}

describe('the gateway, asked wrongly', () => {
  const model = 'local/markov';
  it.each([
    ['no JSON', CHAT, '{"model":', null, null],
    ['nothing', CHAT, '', null, null],
    ['JSON that is no object', CHAT, '[1]', null, null],
    ['no model', CHAT, { messages }, 'model', 'missing_required_parameter'],
    ['a model that is no string', CHAT, { model: 5, messages }, 'model', 'invalid_type'],
    ['no messages', CHAT, { model }, 'messages', 'missing_required_parameter'],
    ['messages that are no array', CHAT, { model, messages: 'Hello' }, 'messages', 'invalid_type'],
    ['empty messages', CHAT, { model, messages: [] }, 'messages', 'empty_array'],
    ['a message that is no object', CHAT, { model, messages: ['Hello'] }, 'messages[0]', 'invalid_type'],
    ['a wrong role', CHAT, { model, messages: [{ role: 'cat', content: '' }] }, 'messages[0].role', 'invalid_value'],
    ['a message without content', CHAT, { model, messages: [{ role: 'user' }] }, 'messages[0].content', 'invalid_type'],
    [
      'a wrong content part',
      CHAT,
      { model, messages: [{ role: 'user', content: [1] }] },
      'messages[0].content',
      'invalid_type',
    ],
    ['stream that is no boolean', CHAT, { model, messages, stream: 'true' }, 'stream', 'invalid_type'],
    ['stream options without a stream', CHAT, { model, messages, stream_options: {} }, 'stream_options', null],
    ['a prompt that is a number', '/v1/completions', { model, prompt: 5 }, 'prompt', 'invalid_type'],
    ['an empty batch', '/v1/completions', { model, prompt: [] }, 'prompt', 'invalid_type'],
    ['no input', '/v1/embeddings', { model }, 'input', 'missing_required_parameter'],
    ['mixed input', '/v1/embeddings', { model, input: ['a', 1] }, 'input', 'invalid_type'],
    [
      'an unknown encoding',
      '/v1/embeddings',
      { model, input: 'a', encoding_format: 'hex' },
      'encoding_format',
      'invalid_value',
    ],
  ])('answers 400 to %s', async (_, path, body, param, code) => {
    const error = await errorOf(await post(path, body));
    expect(error).toMatchObject({ status: 400, type: 'invalid_request_error', param, code });
  });

  it('answers 413 to a body that is too large, with and without its length', async () => {
    const large = 'x'.repeat(10_001);
    expect(await errorOf(await post(CHAT, large))).toMatchObject({ status: 413, code: 'request_too_large' });
    const chunked = { body: new Blob([large]).stream(), duplex: 'half' };
    const response = await post(CHAT, '', chunked as RequestInit);
    expect(await errorOf(response)).toMatchObject({ status: 413, code: 'request_too_large' });
  });

  it('answers 405 to a wrong method and 404 to a wrong path', async () => {
    const wrongMethod = await fetch(gateway.url + CHAT);
    expect(wrongMethod.headers.get('allow')).toBe('POST');
    expect(await errorOf(wrongMethod)).toMatchObject({ status: 405, code: 'method_not_supported' });
    expect(await errorOf(await post('/metrics', ''))).toMatchObject({ status: 405 });
    expect(await errorOf(await post('/v1/chat', ''))).toMatchObject({ status: 404, code: 'unknown_url' });
    expect(await errorOf(await fetch(`${gateway.url}/v1/models/local/dodo`))).toMatchObject({
      status: 404,
      param: 'model',
    });
  });

  it('has counted none of it: no inference was asked for', async () => {
    expect((await Scrape.now(gateway.url)).metricNames).toEqual(['target_info']);
  });
});

describe('the gateway', () => {
  it('takes null for a parameter that is not given, and a call of tools without content', async () => {
    const tools = { role: 'assistant', content: null, tool_calls: [] };
    const body = { model: 'local/markov', messages: [tools, ...messages], stream: null, stream_options: null };
    expect((await post(CHAT, { ...body, max_tokens: 2 })).status).toBe(200);
  });

  it('streams as server-sent events that proxies do not hold back', async () => {
    const response = await post(CHAT, { model: 'local/markov', messages, stream: true, max_tokens: 2 });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-cache, no-transform');
    expect(response.headers.get('x-request-id')).toMatch(/\S/);
    const events = (await response.text()).split('\n\n');
    expect(events.slice(-2)).toEqual(['data: [DONE]', '']);
    for (const event of events.slice(0, -2)) {
      expect(JSON.parse(event.slice('data: '.length))).toMatchObject({ object: 'chat.completion.chunk' });
    }
  });

  it('lists its models', async () => {
    const list = await (await fetch(`${gateway.url}/v1/models`)).json();
    expect(list).toMatchObject({ object: 'list', data: [{ id: 'local/markov', object: 'model' }] });
    for (const id of ['local/markov', encodeURIComponent('local/markov')]) {
      const one = await (await fetch(`${gateway.url}/v1/models/${id}`)).json();
      expect(one).toEqual((list as { data: unknown[] }).data[0]);
    }
  });

  it('says that it is well', async () => {
    const response = await fetch(`${gateway.url}/healthz`);
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
  });

  it('shows a page with examples for its own address', async () => {
    const page = await (await fetch(gateway.url)).text();
    expect(page).toContain(`curl -N ${gateway.url}/v1/chat/completions`);
    expect(page).toContain(`npm run traffic -- --url ${gateway.url}`);
    expect(page).toContain(`baseURL: &#39;${gateway.url}/v1&#39;`);
  });

  it('writes its metrics in the text format of Prometheus', async () => {
    const response = await fetch(`${gateway.url}/metrics`);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await response.text()).toContain('# TYPE llama_stack_inference_requests_total counter');
  });
});

describe('the gateway, asked for models that strangers make up', () => {
  it('bounds their names, and goes on to count its own model by its name', async () => {
    const before = (await Scrape.now(gateway.url)).values('requests_total');
    const own = 'local/markov local chat_completion false success';
    for (let i = 0; i < 205; i++) await post(CHAT, { model: `made-up-${i}`, messages });
    expect((await post(CHAT, { model: 'local/markov', messages, max_tokens: 1 })).status).toBe(200);
    const counts = (await Scrape.now(gateway.url)).values('requests_total');
    expect(Object.keys(counts).filter((key) => key.startsWith('made-up-'))).toHaveLength(200);
    expect(counts['_other - chat_completion false error']).toBe(5);
    expect(counts[own]).toBe((before[own] ?? 0) + 1);
  });
});
