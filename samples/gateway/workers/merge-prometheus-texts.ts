const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;

/**
 * Joins the scrapes of several workers into one, with a label that tells them apart.
 *
 * Lines are kept as they are, save for the label: whatever a scrape may hold, numbers are not read and written anew.
 */
export function mergePrometheusTexts(texts: ReadonlyMap<number, string>): string {
  const families = new Map<string, { readonly head: string[]; readonly samples: string[] }>();
  for (const [worker, text] of texts) {
    let family = '';
    for (const line of text.split('\n')) {
      if (line === '') continue;
      const comment = /^# (?:HELP|TYPE) (\S+)/.exec(line);
      if (comment) family = comment[1] as string;
      else if (line.startsWith('#')) continue;
      let lines = families.get(family);
      if (lines === undefined) {
        lines = { head: [], samples: [] };
        families.set(family, lines);
      }
      if (!comment) lines.samples.push(labelled(line, worker));
      // The format wants each of them once.
      else if (!lines.head.some((known) => known.startsWith(line.slice(0, '# HELP'.length)))) lines.head.push(line);
    }
  }
  return [...families.values()].flatMap(({ head, samples }) => [...head, ...samples, '']).join('\n');
}

function labelled(line: string, worker: number): string {
  const name = NAME.exec(line)?.[0] ?? '';
  const rest = line.slice(name.length);
  return rest.startsWith('{') ? `${name}{worker="${worker}",${rest.slice(1)}` : `${name}{worker="${worker}"}${rest}`;
}
