import type { PromQL } from '../promql.js';

export interface PanelQuery {
  readonly expr: string;
  /** Grafana's legend template; a table's column takes the query's name from it. */
  readonly legend?: string;
}

/** A panel as its author thinks of it; {@link toGrafana} makes Grafana's own of it. */
export interface Panel {
  readonly title: string;
  /** Shown behind the title: what it means and what to do about it. */
  readonly description: string;
  readonly type: 'stat' | 'timeseries' | 'heatmap' | 'gauge' | 'table';
  /** One of Grafana's units. */
  readonly unit: string;
  readonly queries: readonly PanelQuery[];
  /** Of 24 columns. @default 8; 4 for a stat */
  readonly width?: number;
  readonly stacked?: boolean;
  /** Values from which on it turns yellow and red. */
  readonly warnAt?: readonly [yellow: number, red: number];
  /** For a gauge, where a low value is the bad one. */
  readonly lowIsBad?: boolean;
}

interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** Panels read rates over the range that fits the screen and the scrape interval. */
export const RATE = '$__rate_interval';

export type RowOf = (q: PromQL) => Row;
