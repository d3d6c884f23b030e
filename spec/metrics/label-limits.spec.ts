import fc from 'fast-check';
import { currentInference } from 'track-inference';
import { createTestTracker } from 'track-inference/testing';
import { CustomAttributeSets } from '../../lib/metrics/custom-attributes.js';
import { LabelLimiter } from '../../lib/metrics/label-limits.js';
import { inFlight } from '../support/readings.js';

declare const gc: () => void;

describe('LabelLimiter', () => {
  it('counts names that are cut to the same label once', () => {
    const limiter = new LabelLimiter(2);
    for (const length of [200, 300, 400]) expect(limiter.admit('x'.repeat(length))).toBe('x'.repeat(128));
    expect([limiter.admit('y'), limiter.admit('z')]).toEqual(['y', '_other']);
  });

  it.each<[string, string, string]>([
    ['before a pair that would be split', `${'x'.repeat(127)}🎈`, 'x'.repeat(127)],
    ['before the first of all pairs', `${'x'.repeat(127)}\ud800\udc00`, 'x'.repeat(127)],
    ['before the last of all pairs', `${'x'.repeat(127)}\udbff\udfff`, 'x'.repeat(127)],
    ['after a pair that ends there', `${'x'.repeat(126)}🎈y`, `${'x'.repeat(126)}🎈`],
    ['not at all where there is room', `${'x'.repeat(126)}🎈`, `${'x'.repeat(126)}🎈`],
  ])('cuts %s', (_where, name, label) => {
    expect(new LabelLimiter(1).admit(name)).toBe(label);
  });

  it.each<[string, () => (name: string) => unknown]>([
    [
      'a label',
      () => {
        const limiter = new LabelLimiter(Infinity);
        return (name) => limiter.admit(name);
      },
    ],
    [
      'a custom attribute',
      () => {
        const sets = new CustomAttributeSets(Infinity);
        return (tier) => sets.merge(undefined, { tier }, 'chat');
      },
    ],
  ])('holds on to %s alone, not to the text that it was cut from', (_what, make) => {
    const keep = make();
    const admit = (from: number) => {
      for (let i = from; i < from + 20; i++) keep(`${i} ${'x'.repeat(1_000_000)}`.slice(0, 100));
    };
    admit(0);
    gc();
    const before = process.memoryUsage().heapUsed;
    admit(20);
    gc();
    // Twenty slices that hold on to their texts are 20 MB.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(2_000_000);
    expect(keep('0')).toBeDefined();
  });
});

describe('label limits', () => {
  const names = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'vip'), { maxLength: 30 });
  const limits = fc.nat(5);

  it('admit the first so many names for good, and every allowed one', () => {
    fc.assert(
      fc.property(names, limits, (asked, limit) => {
        const limiter = new LabelLimiter(limit, ['vip']);
        const admitted = new Set<string>([...new Set(asked)].filter((name) => name !== 'vip').slice(0, limit)).add(
          'vip',
        );
        expect(asked.map((name) => limiter.admit(name))).toEqual(
          asked.map((name) => (admitted.has(name) ? name : '_other')),
        );
      }),
    );
  });

  const call = fc.record({
    model: fc.constantFrom('a', 'b', 'c', 'd', 'vip'),
    provider: fc.constantFrom(undefined, 'p', 'q', 'r'),
    turns: fc.nat(2),
    fails: fc.boolean(),
  });

  it('count every request exactly, past the limit too, and leave nothing in flight', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 20 }), limits, limits, async (calls, model, provider) => {
        const tracker = createTestTracker({ labelLimits: { model, provider }, allowedModels: ['vip'] });
        const chat = tracker.trackInference(
          async (asked: (typeof calls)[number]) => {
            for (let turn = 0; turn < asked.turns; turn++) await null;
            if (asked.provider !== undefined) currentInference()?.setProvider(asked.provider);
            if (asked.fails) throw new Error('no');
          },
          { model: (asked) => asked.model, endpointType: 'chat' },
        );
        await Promise.allSettled(calls.map((asked) => chat(asked)));
        const rows = (await tracker.rows('requests_total')).filter(({ value }) => value !== 0);
        const total = (wanted: object) =>
          rows
            .filter(({ attributes }) => Object.entries(wanted).every(([name, value]) => attributes[name] === value))
            .reduce((sum, { value = 0 }) => sum + value, 0);
        expect(total({})).toBe(calls.length);
        expect(total({ status: 'error' })).toBe(calls.filter(({ fails }) => fails).length);
        // All calls begin one after the other, so their models are admitted in that order.
        const models = new LabelLimiter(model, ['vip']);
        const labels = calls.map((asked) => models.admit(asked.model));
        for (const label of new Set(labels)) {
          expect(total({ model: label })).toBe(labels.filter((one) => one === label).length);
        }
        const distinct = (name: string) => new Set(rows.map(({ attributes }) => attributes[name]));
        expect([...distinct('model')].filter((name) => name !== 'vip' && name !== '_other').length).toBeLessThanOrEqual(
          model,
        );
        expect(
          [...distinct('provider')].filter((name) => name !== undefined && name !== '_other').length,
        ).toBeLessThanOrEqual(provider);
        expect(await inFlight(tracker)).toBe(0);
        await tracker.dispose();
      }),
      { numRuns: 60 },
    );
  });
});
