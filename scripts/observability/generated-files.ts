import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboard } from './dashboard/dashboard.js';
import { withInstrumentTable } from './instrument-table.js';
import { ruleFile } from './rules/rule-file.js';

export interface GeneratedFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly absolutePath: string;
  readonly content: string;
  readonly isUpToDate: boolean;
}

const EMPTY_PAGE = '# Metrics\n\n<!-- instruments -->\n<!-- /instruments -->\n';

/** What the instrument table generates, beside whether that is what the files say. */
export function generatedFiles(root: string): GeneratedFile[] {
  return [
    file(root, 'observability/grafana/track-inference.json', () => `${JSON.stringify(dashboard(), null, 2)}\n`),
    file(root, 'observability/prometheus/track-inference.rules.yml', ruleFile),
    file(root, 'docs/metrics.md', (page) => withInstrumentTable(page ?? EMPTY_PAGE)),
  ];
}

function file(root: string, path: string, generate: (present: string | undefined) => string): GeneratedFile {
  const absolutePath = join(root, path);
  const present = existsSync(absolutePath) ? readFileSync(absolutePath, 'utf8') : undefined;
  const content = generate(present);
  return { path, absolutePath, content, isUpToDate: present === content };
}
