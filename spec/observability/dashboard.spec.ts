import { filledIn, panelExpressions, readDashboard } from './support/dashboard-file.js';
import { promqlErrors } from './support/promql-errors.js';

const dashboard = readDashboard();
const panels = dashboard.panels.filter(({ type }) => type !== 'row');

// No Grafana runs here. Types and spelling of the file's members are schemas.spec.ts' business; what follows is what a
// schema does not say.
describe('the Grafana dashboard', () => {
  it('has a row for each question, in the order in which one asks them', () => {
    const rows = dashboard.panels.filter(({ type }) => type === 'row').map(({ title }) => title);
    expect(rows).toEqual([
      'Overview',
      'Objectives (need the recording rules)',
      'Traffic',
      'Latency',
      'Throughput',
      'Saturation',
      'Hygiene',
    ]);
  });

  it('offers a data source, a metric prefix and filters by model, provider and endpoint', () => {
    expect(dashboard.templating.list.map(({ name, type }) => [name, type])).toEqual([
      ['datasource', 'datasource'],
      ['prefix', 'textbox'],
      ['model', 'query'],
      ['provider', 'query'],
      ['endpoint', 'query'],
    ]);
  });

  it('reads every panel from the chosen data source', () => {
    const sources = panels.flatMap(({ datasource, targets = [] }) => [datasource, ...targets.map((t) => t.datasource)]);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own spelling
    expect(new Set(sources.map((source) => source?.uid))).toEqual(new Set(['${datasource}']));
  });

  it('explains every panel and asks something in each', () => {
    expect(panels.filter(({ description, targets }) => !description || !targets?.length)).toEqual([]);
    const letters = panels.flatMap(({ title, targets = [] }) => targets.map(({ refId }) => `${title} ${refId}`));
    expect(new Set(letters).size).toBe(letters.length);
  });

  it('gives every panel an id of its own and a place that no other takes', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    const taken = new Map<string, string>();
    for (const { title, gridPos } of dashboard.panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(taken.get(`${x} ${y}`) ?? title).toBe(title);
          taken.set(`${x} ${y}`, title);
        }
      }
    }
  });

  it.each(panelExpressions().map(({ name, expr }) => [name, expr]))('asks well-formed PromQL: %s', (_, expr) => {
    expect(promqlErrors(filledIn(expr))).toEqual([]);
  });

  it('puts the metric prefix in front of every metric', () => {
    for (const { expr } of panelExpressions()) {
      expect(filledIn(expr, 'acme_').replaceAll('acme_llama_stack_inference', '')).not.toContain(
        'llama_stack_inference',
      );
    }
  });

  it('aggregates buckets before it takes a quantile: quantiles of single processes do not add up', () => {
    const quantiles = panelExpressions().filter(({ expr }) => expr.includes('histogram_quantile'));
    expect(quantiles.length).toBeGreaterThan(10);
    for (const { expr } of quantiles) expect(expr).toMatch(/histogram_quantile\([0-9.]+, sum by \(le[^)]*\) \(rate\(/);
  });
});

describe('the check of PromQL itself', () => {
  it('finds what is wrong', () => {
    expect(promqlErrors('sum by (model (rate(x[5m]))')).not.toEqual([]);
    expect(promqlErrors('rate(x{a="b"}[5m])')).toEqual([]);
  });
});
