import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { collectUntil } from '../support/collect-garbage.js';
import { inFlight, requests } from '../support/readings.js';
import { until } from '../support/until.js';
import { ChatRouter } from './support/chat-source.js';
import { describeFrameworks } from './support/frameworks.js';
import { HangUps } from './support/hang-up.js';
import { ways } from './support/ways.js';

let tracker: TestTracker;
let server: HangUps;
let router: ChatRouter;

beforeEach(() => {
  tracker = createTestTracker();
  router = new ChatRouter();
});

afterEach(async () => {
  await server.close();
  await tracker.dispose();
});

const label = { model: 'm', provider: 'acme', endpoint_type: 'chat_completion', stream: true };

describeFrameworks('a client that hangs up after two chunks', () => {
  it.each(ways.map((way) => [way.name, way.alone, way] as const))(
    'with a decorated method alone, %s: %s',
    async (_, alone, way) => {
      server = await HangUps.over(await way.serve(router, false));
      await server.hangUp();
      router.release();
      if (alone === 'nothing') await collectUntil(async () => (await requests(tracker)).length > 0);
      else await until('the call has settled', async () => (await requests(tracker)).length > 0);
      const status = alone === 'nothing' ? 'cancelled' : alone;
      expect(await requests(tracker)).toEqual([{ ...label, status, count: 1 }]);
      expect(await inFlight(tracker)).toBe(0);
      if (alone !== 'nothing') await until('the generator is closed', () => router.isClosed);
    },
  );

  it.each(ways.map((way) => [way.name, way] as const))('behind the middleware, %s: cancelled', async (_, way) => {
    server = await HangUps.over(await way.serve(router, true));
    await server.hangUp();
    if (!way.name.includes('streamSSE')) {
      await until('the call has settled', async () => (await requests(tracker)).length > 0);
    }
    router.release();
    await until('the call has settled', async () => (await requests(tracker)).length > 0);
    expect(await requests(tracker)).toEqual([{ ...label, status: 'cancelled', count: 1 }]);
    expect(await inFlight(tracker)).toBe(0);
  });
});
