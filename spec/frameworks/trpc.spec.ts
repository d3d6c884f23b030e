import { createTestTracker, type TestTracker } from 'track-inference/testing';
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
