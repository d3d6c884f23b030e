import { first, isCount, isText } from '../../lib/extraction/payload.js';

describe('first', () => {
  it.each([undefined, null, 'text', 7])('finds nothing in %p, which has no fields of its own', (payload) => {
    expect(first('length', isCount)(payload)).toBeUndefined();
    expect(first('length | a.b | c.d', isCount)(payload)).toBeUndefined();
  });

  it('looks into each item of a list, until one has what is looked for', () => {
    expect(first('a.*.b', isText)({ a: [{}, { b: '' }, { b: 'found' }, { b: 'late' }] })).toBe('found');
  });

  it.each([{}, 'text', 7, null])('finds no items in %p, which is no list', (a) => {
    expect(first('a.*.b', isText)({ a })).toBeUndefined();
    expect(first('a.*', isText)({ a })).toBeUndefined();
  });
});

describe('isCount', () => {
  it.each([
    [0, true],
    [Number.MAX_SAFE_INTEGER, true],
    [Number.MAX_SAFE_INTEGER + 1, false],
    [-1, false],
    [Number.NaN, false],
    ['1', false],
  ])('says of %p: %p', (value, expected) => {
    expect(isCount(value)).toBe(expected);
  });
});
