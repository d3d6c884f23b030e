import type { Server } from 'node:http';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { listening, type Served } from '../middleware/support/served.js';
import { inFlight, requests } from '../support/readings.js';
import { until } from '../support/until.js';
import { ChatRouter } from './support/chat-source.js';
import { describeFrameworks, framework } from './support/frameworks.js';
import { HangUps } from './support/hang-up.js';

let tracker: TestTracker;

beforeEach(() => {
  tracker = createTestTracker();
});

afterEach(() => tracker.dispose());

describeFrameworks('tRPC', () => {
  it.each(['direct', 'delegated'])('counts a client that leaves a %s subscription as cancelled', async (path) => {
    const { initTRPC } = await framework('@trpc/server');
    const { createHTTPServer } = await framework('@trpc/server/adapters/standalone');
    const router = new ChatRouter();
    const t = initTRPC.create();
    const server = createHTTPServer({
      router: t.router({
        direct: t.procedure.subscription(() => router.chat()),
        delegated: t.procedure.subscription(async function* () {
          yield* router.chat();
        }),
      }),
    });
    const hangUps = await HangUps.over(server.server ?? server);
    await hangUps.hangUp(`/${path}`, 'GET');
    router.release();
    await until('the call has settled', async () => (await requests(tracker)).length > 0);
    expect(await requests(tracker)).toMatchObject([{ model: 'm', stream: true, status: 'cancelled', count: 1 }]);
    expect(await inFlight(tracker)).toBe(0);
    await until('the generator is closed', () => router.isClosed);
    await hangUps.close();
  });
});

describeFrameworks('the sample for tRPC', () => {
  const label = { model: 'walrus-1', provider: 'local', endpoint_type: 'chat_completion' };
  const input = `?input=${encodeURIComponent(JSON.stringify({ model: 'walrus-1' }))}`;
  let server: Server;
  let served: Served;

  beforeAll(async () => {
    const sample = new URL('../../samples/frameworks/trpc/server.ts', import.meta.url);
    ({ server } = (await import(sample.pathname)) as { server: Server });
    served = await listening(server);
  });

  afterAll(() => served.close());

  async function settled(): Promise<object[]> {
    await until('the call has settled', async () => (await requests(tracker)).length > 0);
    expect(await inFlight(tracker)).toBe(0);
    return requests(tracker);
  }

  it("answers tRPC's own client, and counts one request", async () => {
    const { createTRPCClient, httpLink } = await framework('@trpc/client');
    const client = createTRPCClient({ links: [httpLink({ url: served.url })] });
    const answer = await client.chat.mutate({ model: 'walrus-1' });
    expect(answer.choices[0].message.content).toMatch(/^The time has come/);
    expect(await settled()).toEqual([{ ...label, stream: false, status: 'success', count: 1 }]);
  });

  it('streams a subscription over HTTP, and counts one request', async () => {
    const response = await fetch(`${served.url}/stream${input}`, { headers: { accept: 'text/event-stream' } });
    const text = await response.text();
    expect(text.match(/"content":/g)).toHaveLength(12);
    expect(await settled()).toEqual([{ ...label, stream: true, status: 'success', count: 1 }]);
  });

  it('counts a client that leaves after two chunks as cancelled', async () => {
    await (await HangUps.over(server)).hangUp(`/stream${input}`, 'GET');
    expect(await settled()).toEqual([{ ...label, stream: true, status: 'cancelled', count: 1 }]);
  });
});
