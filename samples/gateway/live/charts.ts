import { quantile } from './histogram.js';
import { gained, type History } from './history.js';
import { decimal, seconds } from './numbers.js';
import type { Figures, Reading } from './reading.js';

export interface Line {
  readonly label: string;
  /** Number of a colour in the page's palette. */
  readonly colour: number;
  readonly values: (history: History, figures: (reading: Reading) => Figures | undefined) => (number | null)[];
}

export interface ChartDefinition {
  readonly id: string;
  readonly title: string;
  readonly say: (value: number | undefined) => string;
  /** Whether there is nothing between one and two. */
  readonly isWhole?: boolean;
  readonly lines: readonly Line[];
}

type HistogramOf = (figures: Figures) => Figures['duration'];

/** What the page plots, of one model or of all. Rates and quantiles are those of the last ten seconds. */
export const CHARTS: readonly ChartDefinition[] = [
  {
    id: 'requests',
    title: 'Requests per second',
    say: decimal,
    lines: [
      { label: 'success', colour: 1, values: rate(({ success }) => success) },
      { label: 'error', colour: 2, values: rate(({ error }) => error) },
      { label: 'cancelled', colour: 3, values: rate(({ cancelled }) => cancelled) },
    ],
  },
  {
    id: 'in-flight',
    title: 'In flight',
    say: decimal,
    isWhole: true,
    lines: [
      {
        label: 'requests',
        colour: 1,
        values: (history, figures) => history.series((now) => figures(now)?.inFlight ?? 0),
      },
    ],
  },
  { id: 'first-token', title: 'Time to first token', say: seconds, lines: quantiles(({ firstToken }) => firstToken) },
  { id: 'duration', title: 'Request duration', say: seconds, lines: quantiles(({ duration }) => duration) },
  {
    id: 'tokens',
    title: 'Tokens per second of a request',
    say: decimal,
    // No mean: one embedding is as fast as a hundred chats.
    lines: quantiles(({ tokensPerSecond }) => tokensPerSecond).slice(0, 1),
  },
];

function rate(of: (figures: Figures) => number): Line['values'] {
  return (history, figures) =>
    history.series((now, before, elapsed) => {
      if (!before) return undefined;
      const [current, past] = [figures(now), figures(before)];
      return ((current ? of(current) : 0) - (past ? of(past) : 0)) / elapsed;
    });
}

function quantiles(of: HistogramOf): Line[] {
  return (
    [
      [0.5, 'p50', 1],
      [0.95, 'p95', 4],
    ] as const
  ).map(([q, label, colour]) => ({
    label,
    colour,
    values: (history, figures) =>
      history.series((now, before) => {
        const [current, past] = [figures(now), before && figures(before)];
        return before && current && quantile(q, gained(of(current), past && of(past)));
      }),
  }));
}
