import { currentInference } from 'track-inference';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { requests } from '../support/readings.js';

/** What is made at the first call, and found again by whichever copy of the package. */
const state = Reflect.get(globalThis, Symbol.for('track-inference.running.v1')) as { storage: unknown };
const { storage } = state;
const { getBuiltinModule } = process;
const AsyncLocalStorage = getBuiltinModule('node:async_hooks').AsyncLocalStorage;

let tracker: TestTracker;
beforeEach(() => {
  tracker = createTestTracker();
  state.storage = undefined;
});
afterEach(async () => {
  process.getBuiltinModule = getBuiltinModule;
  Reflect.deleteProperty(globalThis, 'AsyncLocalStorage');
  state.storage = storage;
  await tracker.dispose();
});

/** Where a call is found: at once, and after an await. */
async function foundIn(): Promise<boolean[]> {
  const found: boolean[] = [];
  await tracker.trackInference(async function chat() {
    found.push(currentInference() !== undefined);
    await null;
    found.push(currentInference() !== undefined);
  })();
  expect(currentInference()).toBeUndefined();
  return found;
}

describe('the running call', () => {
  it('is found after an await on Node', async () => {
    expect(await foundIn()).toEqual([true, true]);
  });

  it.each<[where: string, stand: () => void]>([
    ['no modules of Node', () => Object.assign(process, { getBuiltinModule: undefined })],
    ['none of that name', () => Object.assign(process, { getBuiltinModule: () => undefined })],
    ['one of that name that lacks it', () => Object.assign(process, { getBuiltinModule: () => ({}) })],
    [
      'modules that it may not have',
      () =>
        Object.assign(process, {
          getBuiltinModule() {
            throw new Error('not allowed');
          },
        }),
    ],
  ])('is found after an await where the runtime has %s but the class as a global', async (_, stand) => {
    stand();
    Object.assign(globalThis, { AsyncLocalStorage });
    expect(await foundIn()).toEqual([true, true]);
  });

  it('is found in the synchronous part where the runtime has nothing of the kind, and looked for no more', async () => {
    const asked: string[] = [];
    Object.assign(process, { getBuiltinModule: (id: string) => void asked.push(id) });
    expect(await foundIn()).toEqual([true, false]);
    expect(await foundIn()).toEqual([true, false]);
    expect(asked).toEqual(['node:async_hooks']);
    expect(await requests(tracker)).toMatchObject([{ endpoint_type: 'chat', status: 'success', count: 2 }]);
  });

  it('is the outer one again after an inner one that throws', () => {
    const inner = tracker.trackInference(() => {
      throw new Error('down');
    });
    const found = tracker.trackInference(function outer() {
      const before = currentInference();
      expect(inner).toThrow('down');
      return currentInference() === before;
    })();
    expect(found).toBe(true);
    expect(currentInference()).toBeUndefined();
  });
});
