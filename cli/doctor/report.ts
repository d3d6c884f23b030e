import { styleText } from 'node:util';
import type { Section } from './doctor.js';
import type { Finding } from './finding.js';

const MARKS = { ok: '✔', warn: '!', problem: '✖' } as const;
const COLOURS = { ok: 'green', warn: 'yellow', problem: 'red' } as const;

/** The findings as lines for a person; `paint` says whether they may have colours. */
export function report(sections: readonly Section[], paint: boolean): string {
  const styled = (style: Parameters<typeof styleText>[0], text: string) =>
    // Whether the output is a terminal that wants colours was decided by the caller.
    paint ? styleText(style, text, { validateStream: false }) : text;
  const lines = sections.flatMap(({ title, findings }) => [
    '',
    styled('bold', title),
    ...findings.flatMap(({ level, title: text, advice = [] }) => [
      `  ${styled(COLOURS[level], MARKS[level])} ${text}`,
      ...advice.map((line) => `      ${styled('dim', line)}`),
    ]),
  ]);
  const all = sections.flatMap(({ findings }) => findings);
  const [problems, warnings] = [count(all, 'problem'), count(all, 'warn')];
  const summary = `${plural(problems, 'problem')}, ${plural(warnings, 'warning')}`;
  const colour = problems > 0 ? 'red' : warnings > 0 ? 'yellow' : 'green';
  return [...lines, '', styled(colour, summary)].join('\n');
}

export function hasProblems(sections: readonly Section[]): boolean {
  return sections.some(({ findings }) => count(findings, 'problem') > 0);
}

function count(findings: readonly Finding[], level: Finding['level']): number {
  return findings.filter((finding) => finding.level === level).length;
}

function plural(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
