import { usageTable } from '../../lib/extraction/usage-table.js';

describe('usageTable', () => {
  it('finds counts along paths', () => {
    const read = usageTable({ inputTokens: 'prompt', cachedInputTokens: 'details.cached' });

    expect(read({ prompt: 3, details: { cached: 2 } })).toEqual({ inputTokens: 3, cachedInputTokens: 2 });
  });

  it('takes the first of several that is a count', () => {
    const read = usageTable({ inputTokens: 'a | b.c' });

    expect(read({ a: '7', b: { c: 2 } })).toEqual({ inputTokens: 2 });
    expect(read({ a: 0, b: { c: 2 } })).toEqual({ inputTokens: 0 });
  });

  it('adds up those that are stated', () => {
    const read = usageTable({ outputTokens: 'text + thoughts' });

    expect(read({ text: 3, thoughts: 4 })).toEqual({ outputTokens: 7 });
    expect(read({ thoughts: 4 })).toEqual({ outputTokens: 4 });
    expect(read({})).toBeUndefined();
  });

  it('looks for a field in snake case in camel case too', () => {
    expect(usageTable({ inputTokens: 'prompt_details.cached_tokens' })({ promptDetails: { cachedTokens: 5 } })).toEqual(
      {
        inputTokens: 5,
      },
    );
  });

  it('brings times to seconds', () => {
    expect(usageTable({ inferenceSeconds: 'a + b ms' })({ a: 1000, b: 500 })).toEqual({ inferenceSeconds: 1.5 });
    expect(usageTable({ inferenceSeconds: 'a ns' })({ a: 2_000_000_000 })).toEqual({ inferenceSeconds: 2 });
    expect(usageTable({ inferenceSeconds: 'a' })({ a: 0.25 })).toEqual({ inferenceSeconds: 0.25 });
  });

  it('makes a total out of what is stated only where a missing field means zero', () => {
    const table = { inputTokens: 'in', outputTokens: 'out', totalTokens: 'all' };

    expect(usageTable(table)({ out: 3 })).toEqual({ outputTokens: 3 });
    expect(usageTable(table, 'zero')({ out: 3 })).toEqual({ outputTokens: 3, totalTokens: 3 });
    expect(usageTable(table, 'zero')({ in: 1, out: 3, all: 9 })).toEqual({
      inputTokens: 1,
      outputTokens: 3,
      totalTokens: 9,
    });
  });

  it.each([undefined, null, 'usage', 7, [], {}])('states nothing for %p', (usage) => {
    expect(usageTable({ inputTokens: 'a.b | c' }, 'zero')(usage)).toBeUndefined();
  });
});
