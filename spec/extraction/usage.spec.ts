import type { TokenUsage } from '../../lib/extraction/token-extractor.js';
import { soundUsage, statesTokens, withTotal } from '../../lib/extraction/usage.js';

describe('soundUsage', () => {
  it('keeps counts and the time, and nothing else', () => {
    const stated = { inputTokens: 1, outputTokens: 0, inferenceSeconds: 0.5, cost: 7 } as TokenUsage;

    expect(soundUsage(stated)).toEqual({ inputTokens: 1, outputTokens: 0, inferenceSeconds: 0.5 });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 2 ** 53, '1', null, true])(
    'does not take %p for a count',
    (value) => {
      expect(soundUsage({ inputTokens: value, outputTokens: 2 } as TokenUsage)).toEqual({ outputTokens: 2 });
      expect(soundUsage({ inputTokens: value } as TokenUsage)).toBeUndefined();
    },
  );
});

describe('withTotal', () => {
  it.each([
    ['both parts', { inputTokens: 1, outputTokens: 2 }, 3],
    ['a total of its own', { inputTokens: 1, outputTokens: 2, totalTokens: 9 }, 9],
    ['the input alone', { inputTokens: 1 }, undefined],
    ['the output alone', { outputTokens: 2 }, undefined],
    ['parts whose sum is no count any more', { inputTokens: Number.MAX_SAFE_INTEGER, outputTokens: 2 }, undefined],
  ])('of a usage with %s', (_what, usage, total) => {
    expect(withTotal(usage)?.totalTokens).toBe(total);
  });
});

describe('statesTokens', () => {
  it('tells tokens from a time alone', () => {
    expect(statesTokens({ outputTokens: 0 })).toBe(true);
    expect(statesTokens({ inferenceSeconds: 1 })).toBe(false);
    expect(statesTokens(undefined)).toBe(false);
  });
});
