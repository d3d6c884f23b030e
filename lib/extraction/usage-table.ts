import { count, fields } from './payload.js';
import type { TokenUsage } from './token-extractor.js';
import type { UsageDraft } from './usage.js';

/**
 * Where a shape keeps its counts: for each the path of its field. `a.b` goes deeper, `a | b` takes the first that is
 * a count, `a + b` adds up those that are.
 */
export type UsageTable = { readonly [field in Exclude<keyof TokenUsage, 'inferenceSeconds'>]?: string };

/** What an absent field means: that the count is not known, or that it is zero (as protobuf's JSON leaves zeros out). */
type Absent = 'unknown' | 'zero';

/**
 * Makes the reader of a usage object out of its table. The reader takes anything and answers undefined for what states
 * no count.
 *
 * The total is the stated one. Where `absent` is `'zero'` and none is stated, it is the sum of the parts that are;
 * otherwise input + output are added up later, when the stream has stated both.
 */
export function usageTable(table: UsageTable, absent: Absent = 'unknown'): (usage: unknown) => UsageDraft | undefined {
  const rows = Object.entries(table).map(([field, paths]) => ({
    field: field as keyof UsageTable,
    terms: paths.split(' + ').map((term) => term.split(' | ').map((path) => path.split('.'))),
  }));
  return function readUsage(usage) {
    if (typeof usage !== 'object' || usage === null) return undefined;
    let draft: UsageDraft | undefined;
    for (const { field, terms } of rows) {
      let sum: number | undefined;
      for (const paths of terms) {
        const value = firstCount(usage, paths);
        if (value !== undefined) sum = (sum ?? 0) + value;
      }
      if (sum === undefined) continue;
      draft ??= {};
      draft[field] = sum;
    }
    if (draft !== undefined && draft.totalTokens === undefined && absent === 'zero') {
      draft.totalTokens = (draft.inputTokens ?? 0) + (draft.outputTokens ?? 0);
    }
    return draft;
  };
}

function firstCount(usage: object, paths: readonly (readonly string[])[]): number | undefined {
  for (const path of paths) {
    let value: unknown = usage;
    for (const key of path) value = fields<string>(value)[key];
    const found = count(value);
    if (found !== undefined) return found;
  }
  return undefined;
}
