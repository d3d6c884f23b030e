import { added, difference, EMPTY, quantile } from '../../../samples/gateway/live/histogram.js';

const FOUR = {
  count: 4,
  sum: 5,
  buckets: [
    [1, 2],
    [2, 4],
    [Infinity, 4],
  ] as const,
};

describe('quantile', () => {
  it.each([
    ['the middle', 0.5, 1],
    ['between edges, by proportion', 0.75, 1.5],
    ['the smallest', 0, 0],
  ])('finds %s', (_, q, expected) => expect(quantile(q, FOUR)).toBe(expected));

  it('knows of a value above the highest edge only that', () => {
    expect(
      quantile(0.95, {
        count: 2,
        sum: 9,
        buckets: [
          [1, 1],
          [Infinity, 2],
        ],
      }),
    ).toBe(1);
  });

  it('is undefined where nothing was recorded', () => {
    expect(quantile(0.5, EMPTY)).toBeUndefined();
    expect(quantile(0.5, difference(FOUR, FOUR))).toBeUndefined();
  });
});

describe('histograms', () => {
  it('add up, and tell apart what came later', () => {
    const other = {
      count: 1,
      sum: 2,
      buckets: [
        [1, 0],
        [2, 1],
        [Infinity, 1],
      ] as const,
    };
    expect(added([FOUR, other])).toEqual({
      count: 5,
      sum: 7,
      buckets: [
        [1, 2],
        [2, 5],
        [Infinity, 5],
      ],
    });
    expect(difference({ ...FOUR, count: 5, sum: 7 }, FOUR)).toMatchObject({ count: 1, sum: 2 });
  });
});
