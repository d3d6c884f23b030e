import { diag } from '@opentelemetry/api';
import { CustomAttributeSets } from '../../lib/metrics/custom-attributes.js';
import { heardWarnings } from '../support/warnings.js';

let warnings: string[];
beforeEach(() => {
  warnings = heardWarnings();
});
afterEach(() => diag.disable());

const values = (sets: CustomAttributeSets, extra: unknown, where = 'chat') =>
  sets.merge(undefined, extra, where)?.values;

describe('custom attributes', () => {
  it.each<[string, object, object]>([
    ['in any order', { tier: 'a', zone: 1 }, { zone: 1, tier: 'a' }],
    ['with unknown ones beside them', { tier: 'a' }, { tier: 'a', zone: undefined, user: null, team: '' }],
  ])('are the same object for the same values %s', (_how, one, other) => {
    const sets = new CustomAttributeSets(10);
    const first = sets.merge(undefined, one, 'chat');
    expect(first?.values).toEqual(one);
    expect(sets.merge(undefined, other, 'chat')).toBe(first);
    expect(warnings).toEqual([]);
  });

  it.each<[unknown]>([[undefined], [null], [{}], [{ unknown: undefined }]])('are none, silently, from %p', (extra) => {
    expect(new CustomAttributeSets(10).merge(undefined, extra, 'chat')).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  it.each<[unknown]>([[undefined], [null], ['text'], [7]])('stay what they were with %p added', (extra) => {
    const sets = new CustomAttributeSets(10);
    const base = sets.merge(undefined, { tier: 'a' }, 'chat');
    expect(sets.merge(base, extra, 'added')).toBe(base);
  });

  it('take the later of two values of one key', () => {
    const sets = new CustomAttributeSets(10);
    const base = sets.merge(undefined, { tier: 'a', zone: 1 }, 'chat');
    expect(sets.merge(base, { tier: 'b' }, 'chat')?.values).toEqual({ tier: 'b', zone: 1 });
  });

  it.each<[string, unknown, string]>([
    ['no object', 'tier', 'no object.attributes: expected an object of attributes, got string'],
    [
      "the contract's own name",
      { model: 'm' },
      `the contract's own name.attributes: "model" is one of the metrics' own attributes and cannot be set as a custom one`,
    ],
    ['a list', { tier: [1] }, 'a list.attributes: "tier" must be a string, a finite number or a boolean'],
    ['NaN', { tier: Number.NaN }, 'NaN.attributes: "tier" must be a string, a finite number or a boolean'],
    ['Infinity', { tier: Infinity }, 'Infinity.attributes: "tier" must be a string, a finite number or a boolean'],
  ])('leave %s out and say so once', (where, extra, message) => {
    const sets = new CustomAttributeSets(10);
    for (let i = 0; i < 2; i++) expect(values(sets, extra, where)).toBeUndefined();
    expect(warnings).toEqual([`track-inference: ${message}`]);
  });

  it('take a hundred keys, and say once that there are more', () => {
    const sets = new CustomAttributeSets(10);
    const keys = Array.from({ length: 102 }, (_, i) => `key-${i}`);
    const all = Object.fromEntries(keys.map((key) => [key, true]));
    expect(Object.keys(values(sets, all, 'hundred') ?? {})).toEqual(keys.slice(0, 100));
    expect(values(sets, { 'key-99': false }, 'hundred')).toEqual({ 'key-99': false });
    expect(warnings).toEqual([
      'track-inference: hundred.attributes: more than 100 distinct keys; new ones are left out',
    ]);
  });

  it('keep the kind of a value that passes as it is, and none past the limit', () => {
    const sets = new CustomAttributeSets(2);
    expect([1, true, 2, 'two', false, 1].map((tier) => values(sets, { tier })?.['tier'])).toEqual([
      1,
      true,
      '_other',
      '_other',
      '_other',
      1,
    ]);
  });

  it('are of one kind a text, the one that came first', () => {
    const sets = new CustomAttributeSets(10);
    expect(['1', 1, true, 'true'].map((tier) => values(sets, { tier })?.['tier'])).toEqual(['1', '1', true, true]);
  });
});
