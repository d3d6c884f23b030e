import { ByKeys } from './by-keys.js';
import { firstAlong, isCount, type Path, parsePaths, reachable } from './payload.js';
import type { TokenUsage } from './token-extractor.js';
import type { UsageDraft } from './usage.js';

/**
 * Where a shape keeps its counts: the paths of each, as {@link first} takes them; `a + b` adds up those that are stated.
 * A time may end with its unit, ` ms` or ` ns`.
 */
export type UsageTable = { readonly [field in keyof TokenUsage]?: string };

/** What a missing field means: that the count is not known, or that it is zero, as protobuf's JSON leaves zeros out. */
type Missing = 'unknown' | 'zero';

type Row = readonly [field: keyof TokenUsage, terms: readonly (readonly Path[])[], units: number];

/**
 * Makes the reader of a usage object out of its table. It takes anything, and answers undefined for what states nothing.
 *
 * The total is the stated one. Where `missing` is `'zero'` and no total is stated, it is the sum of what is; otherwise
 * input and output are added up in the end, when a stream has had the chance to state both.
 */
export function usageTable(
  table: UsageTable,
  missing: Missing = 'unknown',
): (usage: unknown) => UsageDraft | undefined {
  let rows: ByKeys<readonly Row[]> | undefined;
  return function readUsage(usage) {
    if (typeof usage !== 'object' || usage === null) return undefined;
    rows ??= rowsByKeys(table);
    let draft: UsageDraft | undefined;
    for (const [field, terms, units] of rows.get(usage)) {
      let sum: number | undefined;
      for (const paths of terms) {
        const value = firstAlong(paths, usage, isCount);
        if (value !== undefined) sum = (sum ?? 0) + value;
      }
      if (sum === undefined) continue;
      draft ??= {};
      draft[field] = sum / units;
    }
    if (draft !== undefined && missing === 'zero') {
      draft.totalTokens ??= (draft.inputTokens ?? 0) + (draft.outputTokens ?? 0);
    }
    return draft;
  };
}

function rowsByKeys(table: UsageTable): ByKeys<readonly Row[]> {
  const all = Object.entries(table).map(parseRow);
  return new ByKeys((keys) =>
    all.flatMap(([field, terms, units]): Row[] => {
      const left = terms.map((paths) => reachable(paths, keys)).filter((paths) => paths.length > 0);
      return left.length > 0 ? [[field, left, units]] : [];
    }),
  );
}

function parseRow([field, paths]: [string, string]): Row {
  const units = paths.endsWith(' ms') ? 1e3 : paths.endsWith(' ns') ? 1e9 : 1;
  const terms = paths.replace(/ [mn]s$/, '').split(' + ');
  return [field as keyof TokenUsage, terms.map(parsePaths), units];
}
