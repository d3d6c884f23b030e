import 'reflect-metadata';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { inFlight, requests } from '../support/readings.js';
import { until } from '../support/until.js';
import { ChatRouter } from './support/chat-source.js';
import { describeFrameworks } from './support/frameworks.js';
import { HangUps } from './support/hang-up.js';
import { type Any, NEST_HOSTS, nestApp, nestWays, streamingModule } from './support/nest.js';

let tracker: TestTracker;
let app: Any;

beforeEach(() => {
  tracker = createTestTracker();
});

afterEach(async () => {
  await app?.close();
  await tracker.dispose();
});

async function settled(): Promise<void> {
  await until('the call has settled', async () => (await requests(tracker)).length > 0);
}

describeFrameworks.each(NEST_HOSTS)('Nest $major on $platform', (host) => {
  it.each(nestWays(host))(
    'counts a client that leaves a handler answering by %s as %s, with a decorated method alone',
    async (path, alone) => {
      const router = new ChatRouter();
      const nest = await nestApp(host, await streamingModule(host, router, false));
      app = nest.app;
      const hangUps = await HangUps.over(nest.server);
      await hangUps.hangUp(`/${path}/v1/chat/completions`, path === 'sse' ? 'GET' : 'POST');
      router.release();
      await settled();
      expect(await requests(tracker)).toMatchObject([{ stream: true, status: alone, count: 1 }]);
      expect(await inFlight(tracker)).toBe(0);
      await until('the generator is closed', () => router.isClosed);
    },
  );

  it.each(nestWays(host))(
    'counts one that leaves a handler answering by %s as cancelled, behind the interceptor',
    async (path) => {
      const router = new ChatRouter();
      const nest = await nestApp(host, await streamingModule(host, router, true));
      app = nest.app;
      const hangUps = await HangUps.over(nest.server);
      await hangUps.hangUp(`/${path}/v1/chat/completions`, path === 'sse' ? 'GET' : 'POST');
      await settled();
      router.release();
      expect(await requests(tracker)).toMatchObject([
        // A GET has no body that would name a model; the answer does.
        { model: path === 'sse' ? 'served-model' : 'm', provider: 'acme', stream: true, status: 'cancelled', count: 1 },
      ]);
      expect(await inFlight(tracker)).toBe(0);
    },
  );
});
