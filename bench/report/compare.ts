import type { Results } from './results.js';
import { byFamily } from './table.js';

/** Runs on shared machines differ by about this much without a cause. */
const NOISE = 0.1;

/**
 * How this run differs from a saved one. Absolute times of two machines or days cannot be compared, so each figure is
 * first divided by its family's bare or first row.
 */
export function compare(baseline: Results | undefined, results: Results): string {
  if (baseline === undefined) return '\nNo baseline is saved for this version of Node; save one with --save.';
  const lines = [
    `\nAgainst the baseline of ${baseline.date}, Node ${baseline.node}, relative to each family's first row:`,
  ];
  const before = byFamily(baseline);
  for (const [family, rows] of byFamily(results)) {
    const old = before.get(family);
    const [reference] = rows.keys();
    if (old === undefined || reference === undefined) continue;
    for (const [name, figures] of rows) {
      for (const [figure, value] of Object.entries(figures)) {
        const now = value / (rows.get(reference)?.[figure] ?? Number.NaN);
        const then = (old.get(name)?.[figure] ?? Number.NaN) / (old.get(reference)?.[figure] ?? Number.NaN);
        const change = now / then - 1;
        if (!Number.isFinite(change) || Math.abs(change) < NOISE) continue;
        lines.push(
          `  ${change > 0 ? 'worse ' : 'better'} ${(change * 100).toFixed(0).padStart(4)} %  ${family}/${name}, ${figure}`,
        );
      }
    }
  }
  if (lines.length === 1) lines.push(`  nothing differs by more than ${NOISE * 100} %`);
  return lines.join('\n');
}
