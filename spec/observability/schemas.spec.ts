import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DCLinter } from 'dclint';
import { parse } from 'yaml';
import { type DashboardJson, type PanelJson, ROOT, readDashboard } from './support/dashboard-file.js';
import { typeErrors } from './support/grafana-types.js';

const COMPOSE = join(ROOT, 'observability/compose.yaml');

describe("the dashboard, by Grafana's own types", () => {
  /** A dashboard with a fault in it, and a part of what is said about it. */
  const faults: [fault: string, broken: DashboardJson, complaint: string][] = [
    ['a member that nobody knows', { ...readDashboard(), refreshes: '30s' } as never, '\'"refreshes"\' does not exist'],
    ['a member of a panel that nobody knows', withPanel('stat', { unit: 's' }), '\'"unit"\' does not exist'],
    ['an option of another plug-in', withPanel('stat', { options: { legend: {} } }), '\'"legend"\' does not exist'],
    ['a word that is none of an enum', withPanel('stat', { options: { colorMode: 'loud' } }), '"loud"'],
    ['a style of lines that is none', withPanel('timeseries', custom({ drawStyle: 'waves' })), '"waves"'],
    ['a place without a width', withPanel('table', { gridPos: { x: 0, y: 0, h: 8 } }), "'w' is missing"],
    ['a query that Prometheus has not', withPanel('gauge', { targets: [{ sql: '' }] }), '\'"sql"\' does not exist'],
    ['a threshold that is text', withPanel('gauge', defaults({ max: '1' })), "'string' is not assignable"],
  ];
  let errors: string[][];

  beforeAll(() => {
    errors = typeErrors([readDashboard(), ...faults.map(([, broken]) => broken)]);
  });

  it('is valid', () => expect(errors[0]).toEqual([]));

  it.each(faults.map(([fault, , complaint], index) => [fault, complaint, index + 1] as const))(
    'would not be with %s',
    (_, complaint, index) => expect(errors[index]).toEqual([expect.stringContaining(complaint)]),
  );

  it('is held against the Grafana that the compose file starts', () => {
    const { version } = createRequire(import.meta.url)('@grafana/schema/package.json') as { version: string };
    const { services } = parse(readFileSync(COMPOSE, 'utf8')) as { services: { grafana: { image: string } } };
    expect(services.grafana.image).toBe(`grafana/grafana:${version}`);
  });
});

describe('the compose file, by the schema of the Compose Specification', () => {
  const folder = mkdtempSync(join(tmpdir(), 'track-inference-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is valid', () => expect(composeErrors(readFileSync(COMPOSE, 'utf8'))).toEqual([]));

  it('would not be with a key that nobody knows, nor with a value of the wrong kind', () => {
    const compose = readFileSync(COMPOSE, 'utf8');
    const unknown = compose.replace('command:', 'comand:');
    expect(composeErrors(unknown)).toEqual([expect.stringContaining('must NOT have additional properties')]);
    const wrong = compose.replace('depends_on: [otel-collector]', 'depends_on: 1');
    expect(composeErrors(wrong)).toEqual([expect.stringContaining('/services/gateway/depends_on')]);
  });

  /** The errors of a compose file; warnings are about the order of keys. */
  function composeErrors(text: string): string[] {
    const file = join(folder, 'compose.yaml');
    writeFileSync(file, text);
    const linter = new DCLinter({ rules: {}, quiet: true, debug: false, exclude: [] });
    const results = linter.lintFiles([file], false) as { messages: { type: string; message: string }[] }[];
    return results.flatMap(({ messages }) => messages.filter(({ type }) => type === 'error')).map((one) => one.message);
  }
});

/** The dashboard with `change` made to its first panel of a type. */
function withPanel(type: string, change: object): DashboardJson {
  const dashboard = readDashboard();
  const at = dashboard.panels.findIndex((panel) => panel.type === type);
  return { ...dashboard, panels: dashboard.panels.map((one, index) => (index === at ? { ...one, ...change } : one)) };
}

function defaults(change: object): Partial<PanelJson> {
  return { fieldConfig: { defaults: change, overrides: [] } } as never;
}

function custom(change: object): Partial<PanelJson> {
  return defaults({ custom: change });
}
