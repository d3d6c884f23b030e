import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import type { DashboardJson, PanelJson } from './dashboard-file.js';

const HERE = dirname(fileURLToPath(import.meta.url));
/** Grafana's own package, in the version of the Grafana that the compose file starts. */
const SCHEMA = relative(HERE, join(HERE, '../../../node_modules/@grafana/schema/dist/types/raw'));

const PANEL_TYPES = {
  stat: 'Stat',
  timeseries: 'TimeSeries',
  heatmap: 'Heatmap',
  gauge: 'Gauge',
  table: 'Table',
} as const;

const HEAD = `
import type * as dashboard from '${SCHEMA}/dashboard/x/dashboard_types.gen';
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus';
${Object.entries(PANEL_TYPES)
  .map(
    ([type, name]) =>
      `import type * as ${type} from '${SCHEMA}/composable/${type}/panelcfg/x/${name}PanelCfg_types.gen';`,
  )
  .join('\n')}

/** A type as JSON spells it: an enum by the texts of its members, nothing that cannot be written down. */
type Json<T> = unknown extends T ? T
  : T extends string ? \`\${T}\`
  : T extends number | boolean | null | undefined ? T
  : T extends readonly (infer Item)[] ? Json<Item>[]
  : { [K in keyof T as T[K] extends (...args: never[]) => unknown ? never : K]: Json<T[K]> };

type Panel<Type extends string, Options, Custom> = Json<
  Omit<dashboard.Panel, 'type' | 'options' | 'targets' | 'fieldConfig'> & {
    type: Type;
    options?: Partial<Options>;
    targets: Dataquery[];
    fieldConfig?: Omit<dashboard.FieldConfigSource, 'defaults'> & {
      defaults: Omit<dashboard.FieldConfig, 'custom'> & { custom?: Partial<Custom> };
    };
  }
>;
type Row = Json<dashboard.RowPanel>;
type Page = Json<Omit<dashboard.Dashboard, 'panels'>>;
`;

/**
 * What Grafana's own types have against dashboards: members they do not know, values of another kind, words that no
 * enum of theirs has. Each panel is held against the options of its own plug-in, each target against Prometheus' query.
 */
export function typeErrors(dashboards: readonly DashboardJson[]): string[][] {
  const files = new Map(dashboards.map((one, index) => [join(HERE, `dashboard-${index}.ts`), source(one)]));
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name) ?? readFile(name);
  host.getSourceFile = (name, target, ...rest) => {
    const text = files.get(name);
    return text === undefined ? getSourceFile(name, target, ...rest) : ts.createSourceFile(name, text, target);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files.keys()].map((name) =>
    [
      ...program.getSyntacticDiagnostics(program.getSourceFile(name)),
      ...program.getSemanticDiagnostics(program.getSourceFile(name)),
    ].map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
  );
}

function source({ panels, ...page }: DashboardJson): string {
  const literals = [`(${JSON.stringify(page, null, 1)}) satisfies Page;`, ...panels.map(panelSource)];
  return `${HEAD}\n${literals.join('\n')}\n`;
}

function panelSource(panel: PanelJson): string {
  const json = JSON.stringify(panel, null, 1);
  if (panel.type === 'row') return `(${json}) satisfies Row;`;
  if (!(panel.type in PANEL_TYPES)) throw new Error(`Nobody wrote down which types a ${panel.type} panel has.`);
  const custom = panel.type === 'stat' || panel.type === 'gauge' ? '{}' : `${panel.type}.FieldConfig`;
  return `(${json}) satisfies Panel<'${panel.type}', ${panel.type}.Options, ${custom}>;`;
}
