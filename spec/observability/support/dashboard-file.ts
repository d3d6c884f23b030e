import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface PanelJson {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: { readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly datasource: { uid: string } }[];
}

export interface DashboardJson {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string }[];
  };
  readonly panels: readonly PanelJson[];
}

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
export const RULES = `${ROOT}observability/prometheus/track-inference.rules.yml`;
export const ALERT_TESTS = `${ROOT}observability/prometheus/track-inference.test.yml`;

/** The dashboard as it is shipped. */
export function readDashboard(): DashboardJson {
  return JSON.parse(readFileSync(`${ROOT}observability/grafana/track-inference.json`, 'utf8'));
}

/** Every expression of every panel, by the panel's title and the query's letter. */
export function panelExpressions(): { readonly name: string; readonly expr: string }[] {
  return readDashboard().panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ refId, expr }) => ({ name: `${title} ${refId}`, expr })),
  );
}

/** What Grafana makes of an expression when nothing is filtered and the window is a minute. */
export function filledIn(expression: string, prefix = ''): string {
  const values: Record<string, string> = {
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: Grafana's own spelling
    '${prefix}': prefix,
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: Grafana's own spelling
    $model: '(?s:.*)',
    $provider: '(?s:.*)',
    $endpoint: '(?s:.*)',
    $__rate_interval: '1m',
    $__range: '1h',
  };
  let filled = expression;
  for (const [variable, value] of Object.entries(values)) filled = filled.replaceAll(variable, value);
  if (filled.includes('$')) throw new Error(`Nobody fills in a variable of: ${filled}`);
  return filled;
}
