import fc from 'fast-check';
import { currentInference } from 'track-inference';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { role, text } from '../support/chunks.js';
import { inFlight, requests } from '../support/readings.js';

/** What a consumer does with one stream, step by step. */
type Action = 'next' | 'return' | 'throw' | 'next twice';
type Ending = 'end' | 'fail';
interface Scenario {
  readonly kind: 'async' | 'sync' | 'promised' | 'hand-made';
  readonly chunks: number;
  readonly ending: Ending;
  readonly provider: string | undefined;
  readonly actions: readonly Action[];
}

const scenario: fc.Arbitrary<Scenario> = fc.record({
  kind: fc.constantFrom('async', 'sync', 'promised', 'hand-made'),
  chunks: fc.integer({ min: 0, max: 4 }),
  ending: fc.constantFrom('end', 'fail'),
  provider: fc.constantFrom(undefined, 'p1', 'p2'),
  actions: fc.array(fc.constantFrom<Action>('next', 'next', 'next', 'return', 'throw', 'next twice'), { maxLength: 8 }),
});

const failure = new Error('midway');

function open({ kind, chunks, ending, provider }: Scenario, track: boolean, tracker: TestTracker): unknown {
  const items = [role, text('a'), text('b'), text('c')].slice(0, chunks);
  const wrap: TestTracker['trackInference'] = track ? tracker.trackInference : (fn) => fn;
  const label = () => provider && currentInference()?.setProvider(provider);
  switch (kind) {
    case 'async':
      return wrap(async function* () {
        label();
        yield* items;
        if (ending === 'fail') throw failure;
        return 'returned';
      })();
    case 'sync':
      return wrap(function* () {
        label();
        yield* items;
        if (ending === 'fail') throw failure;
        return 'returned';
      })();
    case 'promised':
      return wrap(async () => {
        label();
        return (async function* () {
          yield* items;
          if (ending === 'fail') throw failure;
          return 'returned';
        })();
      })();
    case 'hand-made': {
      let index = 0;
      return wrap(() => ({
        async next() {
          if (index < items.length) return { done: false, value: items[index++] };
          if (ending === 'fail') throw failure;
          return { done: true, value: 'returned' };
        },
        [Symbol.asyncIterator]() {
          return this;
        },
      }))();
    }
  }
}

/** Everything that the consumer sees, as data. */
async function act(iterator: Iterator<unknown>, action: Action, seen: unknown[]): Promise<void> {
  const note = async (step: () => unknown) => {
    try {
      seen.push(await step());
    } catch (error) {
      seen.push(error);
    }
  };
  if (action === 'next') await note(() => iterator.next());
  if (action === 'next twice') await Promise.all([note(() => iterator.next()), note(() => iterator.next())]);
  if (action === 'return') await note(() => iterator.return?.('left'));
  if (action === 'throw') await note(() => iterator.throw?.(failure) ?? 'no throw()');
}

it('any interleaving of streams gives the same items, counts each once and leaves nothing in flight', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(scenario, { minLength: 1, maxLength: 5 }),
      fc.infiniteStream(fc.nat()),
      async (scenarios, picks) => {
        const tracker = createTestTracker();
        try {
          const runs = await Promise.all(
            scenarios.map(async (one) => ({
              tracked: (await open(one, true, tracker)) as Iterator<unknown>,
              plain: (await open(one, false, tracker)) as Iterator<unknown>,
              left: [...one.actions],
              hasReturn: one.kind !== 'hand-made',
              seen: [] as unknown[],
              expected: [] as unknown[],
            })),
          );
          expect(await inFlight(tracker)).toBe(runs.length);

          for (let pending = runs; pending.length > 0; pending = pending.filter(({ left }) => left.length > 0)) {
            const run = pending[(picks.next().value ?? 0) % pending.length] as (typeof runs)[number];
            const action = run.left.shift();
            if (action === undefined || (action === 'return' && !run.hasReturn)) continue;
            await act(run.tracked, action, run.seen);
            await act(run.plain, action, run.expected);
            expect(await inFlight(tracker)).toBeGreaterThanOrEqual(0);
          }
          for (const { tracked, seen, expected } of runs) {
            expect(seen).toEqual(expected);
            await tracked.return?.();
          }

          expect(await inFlight(tracker)).toBe(0);
          const counted = (await requests(tracker)).reduce((sum, row) => sum + (row as { count: number }).count, 0);
          expect(counted).toBe(runs.length);
        } finally {
          await tracker.dispose();
        }
      },
    ),
    { numRuns: 150 },
  );
}, 60_000);
