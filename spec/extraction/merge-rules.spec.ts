import { addUp, keepLargest, mergeFields } from '../../lib/extraction/merge-rules.js';

const early = { inputTokens: 5, reasoningTokens: 2 };
const late = { inputTokens: 3, outputTokens: 4 };

describe('merge rules', () => {
  it.each([
    ['mergeFields', mergeFields, { inputTokens: 3, outputTokens: 4, reasoningTokens: 2 }],
    ['addUp', addUp, { inputTokens: 8, outputTokens: 4, reasoningTokens: 2 }],
    ['keepLargest', keepLargest, { inputTokens: 5, outputTokens: 4, reasoningTokens: 2 }],
  ])('%s keeps what one side alone states', (_name, merge, merged) => {
    expect(merge(early, late)).toEqual(merged);
    expect(merge(early, undefined)).toEqual(early);
    expect(merge(undefined, late)).toEqual(late);
  });

  it.each([
    ['addUp', addUp],
    ['keepLargest', keepLargest],
  ])('%s makes nothing out of nothing', (_name, merge) => {
    expect(merge(undefined, undefined)).toBeUndefined();
  });
});
