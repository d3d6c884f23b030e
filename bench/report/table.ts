import type { Results } from './results.js';

/** The rows that others of their family are measured against. */
const BARE = 'bare';
const REFERENCES = ['by hand', 'derived promise'];

/** The results as text: one block a family, one line a case. */
export function table(results: Results): string {
  const lines = [
    `${results.date}, Node ${results.node}, ${results.processor}; ${
      results.short
        ? 'a short run: the figures mean nothing'
        : `medians of ${results.rounds} interleaved processes, CPU time`
    }`,
    Object.entries(results.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  ];
  for (const [family, rows] of byFamily(results)) lines.push('', family, ...blockOf(rows));
  const sizes = Object.entries(results.sizes);
  if (sizes.length > 0) {
    lines.push(
      '',
      'bundle',
      ...columns([
        ['', 'minified', 'gzipped'],
        ...sizes.map(([name, { minified, gzipped }]) => [name, bytes(minified), bytes(gzipped)]),
      ]),
    );
  }
  return lines.join('\n');
}

type Figures = Readonly<Record<string, number>>;

export function byFamily(results: Results): Map<string, Map<string, Figures>> {
  const families = new Map<string, Map<string, Figures>>();
  for (const [id, figures] of Object.entries(results.cases)) {
    const slash = id.startsWith('import/') ? 'import'.length : id.indexOf('/');
    const family = id.slice(0, slash);
    families.set(family, (families.get(family) ?? new Map()).set(id.slice(slash + 1), figures));
  }
  return families;
}

function blockOf(rows: Map<string, Figures>): string[] {
  const bare = rows.get(BARE);
  const references = REFERENCES.filter((name) => rows.has(name));
  const names = Object.keys([...rows.values()][0] ?? {});
  const header = [''];
  for (const figure of names) {
    header.push(figure);
    if (bare) header.push('added');
    header.push(...references.map((name) => `× ${name}`));
  }
  const lines = [...rows].map(([name, figures]) => {
    const line = [name];
    for (const figure of names) {
      const value = figures[figure] ?? Number.NaN;
      line.push(number(value));
      const added = (of: Figures) => (of[figure] ?? Number.NaN) - (bare?.[figure] ?? 0);
      if (bare) line.push(figures === bare ? '' : number(added(figures)));
      // What tracking costs is compared, not what the method costs that both track.
      for (const name of references) {
        line.push(figures === bare ? '' : (added(figures) / added(rows.get(name) as Figures)).toFixed(3));
      }
    }
    return line;
  });
  return columns([header, ...lines]);
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
  );
}

function number(value: number): string {
  return Math.abs(value) < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
}

function bytes(count: number): string {
  return `${(count / 1000).toFixed(1)} kB`;
}
