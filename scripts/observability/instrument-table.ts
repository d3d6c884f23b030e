import * as names from '../../lib/metrics/metric-names.js';
import type { InstrumentDefinition } from '../../lib/metrics/vocabularies/vocabulary.js';
import { INSTRUMENTS, prometheusName } from './instruments.js';

const START = '<!-- instruments -->';
const END = '<!-- /instruments -->';
const KINDS = { counter: 'Counter', upDownCounter: 'UpDownCounter', histogram: 'Histogram' } as const;

/** Puts the table of instruments between the two markers of a page; the prose around them is its author's. */
export function withInstrumentTable(page: string): string {
  const start = page.indexOf(START);
  const end = page.indexOf(END);
  if (start < 0 || end < start) throw new Error(`The page needs the lines ${START} and ${END}, in this order.`);
  return `${page.slice(0, start + START.length)}\n\n${instrumentTable()}\n\n${page.slice(end)}`;
}

function instrumentTable(): string {
  const rows = INSTRUMENTS.map((definition) => [
    `\`${constantOf(definition)}\``,
    `\`${definition.name}\``,
    `\`${prometheusName(definition.name)}\``,
    KINDS[definition.kind],
    definition.unit === '' ? 'none' : `\`${definition.unit}\``,
    definition.kind === 'upDownCounter' ? 'all but `status`' : 'all',
    definition.description,
  ]);
  const heading = [
    'constant',
    'OpenTelemetry name',
    'in Prometheus',
    'instrument',
    'unit',
    'attributes',
    'description',
  ];
  const lines = [heading, heading.map(() => '---'), ...rows];
  return [...lines.map((cells) => `| ${cells.join(' | ')} |`), '', ...buckets()].join('\n');
}

/** Bucket edges, once for all instruments that share them. */
function buckets(): string[] {
  const sharing = new Map<string, InstrumentDefinition[]>();
  for (const definition of INSTRUMENTS) {
    if (!definition.boundaries) continue;
    const edges = definition.boundaries.join(' ');
    sharing.set(edges, [...(sharing.get(edges) ?? []), definition]);
  }
  return [...sharing].map(
    ([edges, definitions]) => `- Buckets of ${definitions.map((one) => `\`${constantOf(one)}\``).join(', ')}: ${edges}`,
  );
}

function constantOf({ name }: InstrumentDefinition): string {
  const constant = Object.entries(names).find(([, value]) => value === name)?.[0];
  if (constant === undefined) throw new Error(`${name} has no constant in lib/metrics/metric-names.ts.`);
  return constant;
}
