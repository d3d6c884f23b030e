import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import { createTestTracker } from '../../lib/testing/index.js';
import { withUsage } from '../../lib/with-usage.js';

const chunk = (over: object) => ({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', ...over });

/** A backend that states the usage only where it is asked to, as OpenAI does. */
const backend = createServer((request, response) => {
  let body = '';
  request.on('data', (data) => {
    body += data;
  });
  request.on('end', () => {
    const { stream_options } = JSON.parse(body);
    const chunks: object[] = [
      chunk({ choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] }),
      chunk({ choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: null }] }),
      chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
    ];
    if (stream_options?.include_usage) {
      chunks.push(chunk({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 7, total_tokens: 10 } }));
    }
    response.setHeader('content-type', 'text/event-stream');
    response.end(`${chunks.map((each) => `data: ${JSON.stringify(each)}\n\n`).join('')}data: [DONE]\n\n`);
  });
});

type Params = OpenAI.ChatCompletionCreateParamsStreaming;
const params: Params = { model: 'm', messages: [], stream: true };

describe('withUsage in a tracked method', () => {
  let server: Server;
  let client: OpenAI;
  let kit: ReturnType<typeof createTestTracker>;

  beforeAll(async () => {
    server = await new Promise<Server>((resolve) => {
      const listening = backend.listen(0, '127.0.0.1', () => resolve(listening));
    });
    const { port } = server.address() as AddressInfo;
    client = new OpenAI({ baseURL: `http://127.0.0.1:${port}/v1`, apiKey: 'none', maxRetries: 0 });
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  beforeEach(() => {
    kit = createTestTracker();
  });
  afterEach(() => kit.dispose());

  const send = (request: Params) => client.chat.completions.create(request);

  const routers: [where: string, call: (asked: Params) => PromiseLike<AsyncIterable<OpenAI.ChatCompletionChunk>>][] = [
    ['on the way to the backend', (asked) => kit.trackInference((request: Params) => send(withUsage(request)))(asked)],
    [
      'after an await, on a request of its own',
      (asked) =>
        kit.trackInference(async (request: Params) => {
          await Promise.resolve();
          return await send(withUsage({ ...request, model: 'served' }));
        })(asked),
    ],
    ['on what the method is called with', (asked) => kit.trackInference(send)(withUsage(asked))],
    [
      'in a tracked method inside another',
      (asked) => {
        const inner = kit.trackInference((request: Params) => send(withUsage(request)));
        return kit.trackInference(async (request: Params) => inner(request))(asked);
      },
    ],
  ];

  it.each(routers)('counts the tokens and hides the chunk: %s', async (_where, call) => {
    const seen: OpenAI.ChatCompletionChunk[] = [];
    const stream = await call(params);
    kit.clock.advance(1000);
    for await (const each of stream) seen.push(each);

    expect(seen).toHaveLength(3);
    expect(seen.every(({ choices }) => choices.length === 1)).toBe(true);
    expect(await kit.rows('tokens_per_second')).toMatchObject([{ count: 1, sum: 10 }]);
    expect(await kit.rows('requests_total')).toMatchObject([
      { attributes: { status: 'error' }, value: 0 },
      { attributes: { status: 'success', stream: true }, value: 1 },
    ]);
  });

  it.each(routers)('leaves the chunk to who asked for it: %s', async (_where, call) => {
    const seen: OpenAI.ChatCompletionChunk[] = [];
    for await (const each of await call({ ...params, stream_options: { include_usage: true } })) seen.push(each);

    expect(seen).toHaveLength(4);
  });
});
