import { setRows } from './elements.js';
import { quantile } from './histogram.js';
import type { History } from './history.js';
import { count, decimal, NONE, seconds, share } from './numbers.js';
import { type Figures, type Reading, settled } from './reading.js';

/** The column of the models' table that counts errors. */
const ERRORS = 4;

/** Figures since the gateway was started, as text, in the order of the table's columns. */
function columns(figures: Figures): string[] {
  return [
    count(settled(figures)),
    count(figures.inFlight),
    count(figures.error),
    count(figures.cancelled),
    seconds(quantile(0.5, figures.firstToken)),
    seconds(quantile(0.95, figures.firstToken)),
    seconds(quantile(0.5, figures.duration)),
    seconds(quantile(0.95, figures.duration)),
    decimal(quantile(0.5, figures.tokensPerSecond)),
  ];
}

/** The figures at the top, by their id. */
export function tiles(figures: Figures): Record<string, string> {
  const judged = figures.success + figures.error;
  return {
    requests: count(settled(figures)),
    'in-flight': count(figures.inFlight),
    errors: count(figures.error),
    'error-share': share(figures.error, judged),
    cancelled: count(figures.cancelled),
    'cancelled-share': share(figures.cancelled, settled(figures)),
    'first-token': seconds(quantile(0.95, figures.firstToken)),
    duration: seconds(quantile(0.95, figures.duration)),
    tokens: decimal(quantile(0.5, figures.tokensPerSecond)),
  };
}

export function showModels(body: HTMLElement, { pairs }: Reading): void {
  const busiestFirst = [...pairs.values()].sort((a, b) => settled(b) + b.inFlight - settled(a) - a.inFlight);
  const rows = busiestFirst.map((figures) => [named(figures.model), named(figures.provider), ...columns(figures)]);
  setRows(body, rows);
  busiestFirst.forEach(({ error }, index) => {
    body.children[index]?.children[ERRORS]?.classList.toggle('bad', error > 0);
  });
}

/** The latest first; of those that happened before the page was opened, the most frequent. */
export function showErrors(body: HTMLElement, { errors }: Reading, history: History): void {
  const latestFirst = errors
    .filter((error) => error.count > 0)
    .map((error) => ({ ...error, seen: history.lastSeen(error) }))
    .sort((a, b) => (b.seen ?? 0) - (a.seen ?? 0) || b.count - a.count)
    .slice(0, 10);
  setRows(
    body,
    latestFirst.map(({ type, model, provider, endpointType, count: times, seen }) => [
      type,
      count(times),
      named(model),
      named(provider),
      named(endpointType),
      seen === undefined ? 'before this page was opened' : new Date(seen).toLocaleTimeString('en-GB'),
    ]),
  );
}

/** A name that a stranger chose: shown as text, a line break as a sign. */
function named(text: string): string {
  return text === '' ? NONE : text.replaceAll('\n', '⏎');
}
