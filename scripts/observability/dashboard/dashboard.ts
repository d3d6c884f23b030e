import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  TextBoxVariableBuilder,
  type VariableModel,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PromQL } from '../promql.js';
import { REQUESTS } from '../signals.js';
import { DATA_SOURCE, grafanaPanel, sizeOf } from './grafana-panel.js';
import { hygieneRow } from './hygiene-row.js';
import { latencyRow } from './latency-row.js';
import { objectivesRow } from './objectives-row.js';
import { overviewRow } from './overview-row.js';
import type { Panel } from './panel.js';
import { saturationRow } from './saturation-row.js';
import { throughputRow } from './throughput-row.js';
import { trafficRow } from './traffic-row.js';

const ROWS = [overviewRow, objectivesRow, trafficRow, latencyRow, throughputRow, saturationRow, hygieneRow];
const COLUMNS = 24;

/** Filters by labels that exist on every route; `job` and `instance` do not. */
const FILTERS: readonly (readonly [variable: string, label: string, title: string])[] = [
  ['model', 'model', 'Model'],
  ['provider', 'provider', 'Provider'],
  ['endpoint', 'endpoint_type', 'Endpoint'],
];

/**
 * Matches every value, no value (a request may fail before its provider is known) and, unlike `.*` before Prometheus 3,
 * names with a line break, which strangers send.
 */
const ANYTHING = '(?s:.*)';

/** The Grafana dashboard, as Grafana imports it. */
export function dashboard(): Dashboard {
  const filter = FILTERS.map(([variable, label]) => `${label}=~"$${variable}"`).join(',');
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills it in
  const q = new PromQL({ prefix: '${prefix}', filter });
  const builder = new DashboardBuilder('LLM inference')
    .uid('track-inference')
    .description('The inference metrics of track-inference: traffic, objectives, latency, throughput, saturation.')
    .tags(['llm', 'inference', 'opentelemetry'])
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .withVariable(
      new TextBoxVariableBuilder('prefix')
        .label('Metric prefix')
        .description('What a collector puts in front of the metric names, with its underscore; usually nothing.')
        .defaultValue(''),
    );
  for (const [variable, label, title] of FILTERS) builder.withVariable(filterVariable(variable, label, title));

  let id = 1;
  let y = 0;
  for (const row of ROWS.map((rowOf) => rowOf(q))) {
    builder.withRow(new RowBuilder(row.title).id(id++).gridPos({ x: 0, y, w: COLUMNS, h: 1 }));
    y++;
    for (const line of lines(row.panels)) {
      let x = 0;
      for (const panel of line) {
        builder.withPanel(grafanaPanel(panel, { id: id++, x, y }));
        x += sizeOf(panel).w;
      }
      y += Math.max(...line.map((panel) => sizeOf(panel).h));
    }
  }
  const page = builder.build();
  return { ...page, templating: { list: (page.templating.list ?? []).map(withoutIntervals) } };
}

/** The builders give every variable what only a variable of type `interval` has. */
function withoutIntervals({ auto, auto_min, auto_count, ...variable }: VariableModel): VariableModel {
  return variable;
}

function filterVariable(variable: string, label: string, title: string): QueryVariableBuilder {
  const query = `label_values(\${prefix}${REQUESTS.name}, ${label})`;
  return new QueryVariableBuilder(variable)
    .label(title)
    .datasource(DATA_SOURCE)
    .query({ query, refId: `${variable}-values` })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(ANYTHING)
    .current({ selected: true, text: 'All', value: '$__all' });
}

/** Breaks a row's panels into lines of at most 24 columns. */
function lines(panels: readonly Panel[]): Panel[][] {
  const broken: Panel[][] = [];
  let used = COLUMNS;
  for (const panel of panels) {
    const { w } = sizeOf(panel);
    if (used + w > COLUMNS) {
      broken.push([]);
      used = 0;
    }
    broken.at(-1)?.push(panel);
    used += w;
  }
  return broken;
}
