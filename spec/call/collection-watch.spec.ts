import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { text } from '../support/chunks.js';
import { collectUntil } from '../support/collect-garbage.js';
import { inFlight, requests } from '../support/readings.js';

let tracker: TestTracker;
beforeEach(() => {
  tracker = createTestTracker();
});
afterEach(() => tracker.dispose());

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('streams that are let go of', () => {
  const chat = (model: string) =>
    tracker.trackInference(
      function* (_request: object) {
        yield text('a');
      },
      { endpointType: 'chat' },
    )({ model });

  it.each<[when: string, pause: () => unknown]>([
    ['in the turn in which all began', () => {}],
    ['in a later turn', turn],
  ])('are collected, each as itself, where others ended %s', async (_, pause) => {
    const streams = ['m0', 'm1', 'm2', 'm3', 'm4', 'm5'].map(chat);
    await pause();
    // The first, one in the middle and the last one watched; the fifth is held.
    for (const index of [0, 2, 5]) for (const _ of streams[index] ?? []);
    const [held] = streams.splice(0).slice(4);
    await collectUntil(async () => (await inFlight(tracker)) === 1);
    for (const _ of held ?? []);
    const labels = { endpoint_type: 'chat', stream: true, count: 1 };
    const counted = (await requests(tracker)) as { model: string }[];
    expect(counted.sort((a, b) => a.model.localeCompare(b.model))).toEqual([
      { ...labels, model: 'm0', status: 'success' },
      { ...labels, model: 'm1', status: 'cancelled' },
      { ...labels, model: 'm2', status: 'success' },
      { ...labels, model: 'm3', status: 'cancelled' },
      { ...labels, model: 'm4', status: 'success' },
      { ...labels, model: 'm5', status: 'success' },
    ]);
    expect(await inFlight(tracker)).toBe(0);
  });

  it('are collected while their next chunk is waited for, after others that were', async () => {
    const chat = tracker.trackInference(async (iterator: AsyncIterableIterator<object>) => iterator, 'chat');
    async function* pieces() {
      yield text('a');
    }
    const silent = (): AsyncIterableIterator<object> => ({
      next: () => new Promise(() => {}),
      [Symbol.asyncIterator]() {
        return this;
      },
    });
    for await (const _ of await chat(pieces()));
    void (await chat(silent())).next();
    expect(await inFlight(tracker)).toBe(1);
    await collectUntil(async () => (await inFlight(tracker)) === 0);
    expect(await requests(tracker)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ status: 'success', count: 1 }),
        expect.objectContaining({ status: 'cancelled', count: 1 }),
      ]),
    );
  });

  it('are collected alone: all others that are held go on', async () => {
    const streams = ['m0', 'm1', 'm2', 'm3', 'm4', 'm5'].map(chat);
    await turn();
    streams.splice(2, 1);
    await collectUntil(async () => (await inFlight(tracker)) < 6);
    expect(await inFlight(tracker)).toBe(5);
    for (const stream of streams) for (const _ of stream);
    const left = ((await requests(tracker)) as { model: string; status: string }[]).filter(
      ({ status }) => status !== 'success',
    );
    expect(left).toMatchObject([{ model: 'm2', status: 'cancelled', count: 1 }]);
    expect(await inFlight(tracker)).toBe(0);
  });
});
