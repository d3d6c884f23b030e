import type * as cog from '@grafana/grafana-foundation-sdk/cog';
import {
  LegendDisplayMode,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type Panel as GrafanaPanel,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as GaugePanel } from '@grafana/grafana-foundation-sdk/gauge';
import { PanelBuilder as HeatmapPanel, YAxisConfigBuilder } from '@grafana/grafana-foundation-sdk/heatmap';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TablePanel } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeseriesPanel } from '@grafana/grafana-foundation-sdk/timeseries';
import type { Panel } from './panel.js';

// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills it in
export const DATA_SOURCE = { type: 'prometheus', uid: '${datasource}' };
const GREEN = 'green';
const COLORS = ['yellow', 'red'];

/** Where a panel stands: 24 columns, heights in rows of 30 pixels. */
export interface Place {
  readonly id: number;
  readonly x: number;
  readonly y: number;
}

/** Makes Grafana's panel of ours. */
export function grafanaPanel(panel: Panel, { id, x, y }: Place): cog.Builder<GrafanaPanel> {
  const { w, h } = sizeOf(panel);
  const builder = visualization(panel)
    .id(id)
    .title(panel.title)
    .description(panel.description)
    .datasource(DATA_SOURCE)
    .gridPos({ x, y, w, h })
    .targets(panel.queries.map((query, index) => target(panel, query, index)));
  if (panel.type !== 'table' && panel.type !== 'heatmap') builder.unit(panel.unit).noValue('–');
  if (panel.warnAt) builder.thresholds(thresholds(panel));
  return builder;
}

export function sizeOf(panel: Panel): { w: number; h: number } {
  if (panel.type === 'stat') return { w: panel.width ?? 4, h: panel.width === undefined ? 4 : 8 };
  return { w: panel.width ?? 8, h: 8 };
}

function visualization(panel: Panel) {
  switch (panel.type) {
    case 'stat':
      return new StatPanel().reduceOptions(latest());
    case 'gauge':
      return new GaugePanel().min(0).max(1).reduceOptions(latest());
    case 'heatmap':
      return new HeatmapPanel().yAxis(new YAxisConfigBuilder().unit(panel.unit)).hideLegend();
    case 'table':
      return table(panel);
    case 'timeseries':
      return timeseries(panel);
  }
}

/** The last value there is: the very last step of a range may have none yet. */
function latest(): ReduceDataOptionsBuilder {
  return new ReduceDataOptionsBuilder().calcs(['lastNotNull']);
}

function timeseries(panel: Panel): TimeseriesPanel {
  const builder = new TimeseriesPanel()
    .min(0)
    .lineWidth(1)
    .fillOpacity(panel.stacked ? 25 : 8)
    .showPoints(VisibilityMode.Never)
    .legend(new VizLegendOptionsBuilder().showLegend(true).displayMode(LegendDisplayMode.List))
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi));
  return panel.stacked ? builder.stacking(new StackingConfigBuilder().mode(StackingMode.Normal)) : builder;
}

/** Joins its queries by their labels; each query's value becomes a column under its legend. */
function table(panel: Panel): TablePanel {
  const single = panel.queries.length === 1;
  const columns = panel.queries.map(({ legend = '' }, index) => [single ? 'Value' : `Value #${refId(index)}`, legend]);
  const builder = new TablePanel().withTransformation({ id: 'merge', options: {} }).withTransformation({
    id: 'organize',
    options: { excludeByName: { Time: true }, renameByName: Object.fromEntries(columns) },
  });
  for (const [, legend = ''] of columns) {
    const unit = unitOf(legend);
    if (unit)
      builder.overrideByName(legend, [
        { id: 'unit', value: unit },
        { id: 'decimals', value: 2 },
      ]);
  }
  return builder;
}

function unitOf(column: string): string | undefined {
  if (/^(Errors|Cancelled)$/.test(column)) return 'percentunit';
  if (/^(First token|Duration)/.test(column)) return 's';
  if (/^Requests/.test(column)) return 'reqps';
  return undefined;
}

function target(panel: Panel, { expr, legend }: Panel['queries'][number], index: number): DataqueryBuilder {
  const query = new DataqueryBuilder().refId(refId(index)).datasource(DATA_SOURCE).expr(expr);
  if (panel.type === 'table') return query.instant().format(PromQueryFormat.Table);
  if (panel.type === 'heatmap') query.format(PromQueryFormat.Heatmap);
  return legend === undefined ? query.range() : query.range().legendFormat(legend);
}

function refId(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index);
}

function thresholds({ warnAt = [0, 0], lowIsBad = false }: Panel): ThresholdsConfigBuilder {
  const [yellow, red] = warnAt;
  const steps = lowIsBad
    ? [
        { value: null, color: 'red' },
        { value: red, color: 'yellow' },
        { value: yellow, color: GREEN },
      ]
    : [{ value: null, color: GREEN }, ...warnAt.map((value, index) => ({ value, color: COLORS[index] ?? 'red' }))];
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps);
}
