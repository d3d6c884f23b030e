import fc from 'fast-check';
import semver from 'semver';
import { satisfies } from '../../cli/doctor/installed/version-range.js';

const number = fc.integer({ min: 0, max: 3 });
const version = fc.tuple(number, number, number).map((parts) => parts.join('.'));
const partial = fc.oneof(
  version,
  fc.tuple(number, number).map((parts) => parts.join('.')),
  number.map(String),
  number.map((major) => `${major}.x`),
);
const comparator = fc
  .tuple(fc.constantFrom('', '^', '~', '>=', '<=', '>', '<', '='), partial)
  .map(([operator, text]) => operator + text);
const range = fc
  .array(fc.array(comparator, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 2 })
  .map((parts) => parts.map((part) => part.join(' ')).join(' || '));

describe('satisfies', () => {
  it('agrees with npm on releases and the ranges that packages write', () => {
    fc.assert(
      fc.property(version, range, (one, among) => {
        expect(satisfies(one, among)).toBe(semver.satisfies(one, among));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['1.9.1', '>=1.9.0 <1.10.0', true],
    ['1.10.0', '>= 1.9.0 <1.10.0', false],
    ['0.2.2', '^0.1.13 || ^0.2.0', true],
    ['2.12.0', '*', true],
    ['1.2.3', '', true],
  ])('%s in %s: %s', (one, among, expected) => {
    expect(satisfies(one, among)).toBe(expected);
  });

  it('says nothing about what it does not understand', () => {
    expect(satisfies('1.0.0', 'workspace:*')).toBeUndefined();
    expect(satisfies('1.0.0', 'npm:other@1')).toBeUndefined();
    expect(satisfies('latest', '^1.0.0')).toBeUndefined();
  });
});
