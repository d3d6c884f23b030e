import type { Server } from 'node:http';
import OpenAI from 'openai';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { listening, type Served } from '../middleware/support/served.js';
import { inFlight, requests } from '../support/readings.js';
import { until } from '../support/until.js';
import { describeFrameworks } from './support/frameworks.js';

declare const DIALECT: string;

// Nest's own decorators are legacy ones.
const names = ['node-http', 'express', 'fastify', 'koa', 'hono', ...(DIALECT === 'legacy' ? ['nest'] : [])];

const asked = { model: 'walrus-1', messages: [{ role: 'user' as const, content: 'Talk' }] };
const label = { model: 'walrus-1', provider: 'local', endpoint_type: 'chat_completion' };

describeFrameworks.each(names)('the sample for %s', (name) => {
  let tracker: TestTracker;
  let served: Served;
  let client: OpenAI;

  beforeAll(async () => {
    const sample = new URL(`../../samples/frameworks/${name}/server.ts`, import.meta.url);
    const { server } = (await import(sample.pathname)) as { server: Server };
    served = await listening(server);
    client = new OpenAI({ baseURL: `${served.url}/v1`, apiKey: 'none', maxRetries: 0 });
  });

  beforeEach(() => {
    tracker = createTestTracker();
  });

  afterEach(() => tracker.dispose());
  afterAll(() => served.close());

  async function settled(): Promise<object[]> {
    await until('the request has settled', async () => (await requests(tracker)).length > 0);
    expect(await inFlight(tracker)).toBe(0);
    return requests(tracker);
  }

  it('answers the openai client, and counts one request', async () => {
    const completion = await client.chat.completions.create(asked);
    expect(completion.choices[0]?.message.content).toMatch(/^The time has come/);
    expect(await settled()).toEqual([{ ...label, stream: false, status: 'success', count: 1 }]);
  });

  it('streams to the openai client, and counts one request with its tokens', async () => {
    const stream = await client.chat.completions.create({ ...asked, stream: true });
    let words = 0;
    for await (const { choices } of stream) if (choices[0]?.delta.content) words++;
    expect(words).toBe(12);
    expect(await settled()).toEqual([{ ...label, stream: true, status: 'success', count: 1 }]);
    expect((await tracker.rows('time_to_first_token_seconds')).length).toBe(1);
  });

  it('counts an openai client that leaves after two chunks as cancelled', async () => {
    const stream = await client.chat.completions.create({ ...asked, stream: true });
    let chunks = 0;
    for await (const _ of stream) if (++chunks === 2) break;
    expect(await settled()).toEqual([{ ...label, stream: true, status: 'cancelled', count: 1 }]);
  });
});
