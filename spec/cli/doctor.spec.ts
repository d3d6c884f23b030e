import { jest } from '@jest/globals';
import { doctor, run } from './support/doctor.js';
import { Workspace } from './support/workspace.js';

jest.setTimeout(120_000);

const PROMETHEUS = `
  import { metrics } from '@opentelemetry/api';
  import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
  import { MeterProvider } from '@opentelemetry/sdk-metrics';
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [new PrometheusExporter({ preventServerStart: true })] }));
`;
const ENTRY = ['--entry', 'telemetry.js'];
const ARRIVED = 'A call made here arrived, as 6 metrics, at PrometheusExporter; nothing was exported';

let workspace: Workspace;
beforeAll(() => {
  workspace = new Workspace();
});
afterAll(() => workspace?.remove());

describe('doctor', () => {
  it('finds nothing wrong with a healthy project, and says what it saw', async () => {
    const project = workspace.project('healthy', {
      'telemetry.js': PROMETHEUS,
      'tsconfig.json': { compilerOptions: { target: 'ES2022' } },
    });
    const { exitCode, healthy, warnings, problems, ok } = await doctor(workspace, project, ENTRY);
    expect({ exitCode, healthy, warnings, problems }).toEqual({
      exitCode: 0,
      healthy: true,
      warnings: [],
      problems: [],
    });
    expect(ok).toEqual([
      `Node ${process.versions.node}`,
      'No OTEL_* variables are set',
      'track-inference 0.1.0',
      '@opentelemetry/api 1.9.1',
      '@opentelemetry/sdk-metrics 2.12.0, with @opentelemetry/api 1.9.1',
      'Decorators are standard ones, compiled away: tsconfig.json, TypeScript 6.0.3',
      'telemetry.js ran',
      'A MeterProvider is there (MeterProvider), registered through @opentelemetry/api 1.9.1',
      ARRIVED,
      'Counts are cumulative at PrometheusExporter',
      'Buckets are the advised ones at PrometheusExporter',
    ]);
  });

  it('prints lines for people: without colours into a pipe, with them where they are forced', async () => {
    const project = workspace.project('lines', { 'telemetry.js': PROMETHEUS });
    const plain = await run(workspace, project, ['doctor', ...ENTRY]);
    expect(plain.exitCode).toBe(0);
    expect(plain.stdout).toContain(`  ✔ ${ARRIVED}\n`);
    expect(plain.stdout).toMatch(/\n0 problems, 0 warnings\n$/);
    const coloured = await run(workspace, project, ['doctor'], { FORCE_COLOR: '1' });
    expect(coloured.stdout).toContain('\u001b[32m✔\u001b[39m track-inference 0.1.0');
    expect(coloured.stdout).toContain('Whether metrics arrive was not looked at');
  });
});

describe('what is installed', () => {
  it('tells of two copies of the API of which one cannot see the other', async () => {
    const project = workspace.project('old-api', { 'telemetry.js': PROMETHEUS });
    workspace.install('@opentelemetry/api', 'old-api', '1.8.0');
    const { exitCode, problems, findings } = await doctor(workspace, project, [...ENTRY, '--timeout', '0.2']);
    expect(exitCode).toBe(1);
    expect(problems[0]).toMatch(
      /^Two copies of @opentelemetry\/api that do not share a provider: 1\.9\.1 \(track-inference 0\.1\.0, .*\) and 1\.8\.0 \(this project\)$/,
    );
    expect(findings.find(({ title }) => title === problems[0])?.advice?.[1]).toContain('"@opentelemetry/api": "1.9.1"');
    expect(problems.slice(1)).toEqual([
      'A MeterProvider is registered through @opentelemetry/api 1.8.0, which track-inference with its 1.9.1 cannot see',
    ]);
  });

  it('lets two copies be that share a global', async () => {
    const project = workspace.project('same-api', { 'telemetry.js': PROMETHEUS });
    workspace.install('@opentelemetry/api', 'same-api');
    const { ok, warnings, problems } = await doctor(workspace, project, ENTRY);
    expect([...warnings, ...problems]).toEqual([]);
    expect(ok).toContain('@opentelemetry/api 1.9.1, every copy');
    expect(ok).toContain(ARRIVED);
  });

  it('tells of a newer copy that shuts the other one’s registrations out', async () => {
    const project = workspace.project('newer-api', {});
    workspace.install('@opentelemetry/api', 'newer-api', '1.11.0');
    const { exitCode, warnings } = await doctor(workspace, project);
    expect(exitCode).toBe(0);
    expect(warnings).toEqual([expect.stringMatching(/^Two versions of @opentelemetry\/api: 1\.9\.1 .* and 1\.11\.0 /)]);
  });

  it('tells of an SDK that is too old', async () => {
    const project = workspace.project('old-sdk', {});
    workspace.install('@opentelemetry/sdk-metrics', 'old-sdk', '1.18.0');
    const { exitCode, problems, warnings } = await doctor(workspace, project);
    expect(exitCode).toBe(1);
    expect(problems).toEqual([
      '@opentelemetry/sdk-metrics 1.18.0 (this project) does not fit: track-inference needs >=1.30.0 <4',
    ]);
    expect(warnings).toEqual([expect.stringContaining('in 2 major versions')]);
  });

  it('tells of an SDK with an API that it does not take', async () => {
    const project = workspace.project('unfit', {});
    workspace.install('@opentelemetry/sdk-metrics', 'unfit');
    workspace.install('@opentelemetry/api', 'unfit', '1.10.0');
    const { problems } = await doctor(workspace, project);
    expect(problems).toEqual([
      '@opentelemetry/sdk-metrics 2.12.0 needs @opentelemetry/api >=1.9.0 <1.10.0 and gets 1.10.0',
    ]);
  });
});

describe('what runs', () => {
  it('tells that nobody registered a provider', async () => {
    const project = workspace.project('none', { 'telemetry.js': 'export {};' });
    const { exitCode, problems } = await doctor(workspace, project, [...ENTRY, '--timeout', '0.2']);
    expect(exitCode).toBe(1);
    expect(problems).toEqual(['No MeterProvider is registered once telemetry.js has run']);
  });

  it('tells that only tracing is registered', async () => {
    const project = workspace.project('tracing', {
      'telemetry.js': `
        import { ProxyTracerProvider, trace } from '@opentelemetry/api';
        trace.setGlobalTracerProvider(new ProxyTracerProvider());
      `,
    });
    const { problems } = await doctor(workspace, project, [...ENTRY, '--timeout', '0.2']);
    expect(problems).toEqual(['telemetry.js registers trace and no MeterProvider']);
  });

  it('waits for a provider that comes after the entry', async () => {
    const project = workspace.project('late', {
      // Long after the entry has run, and the doctor has looked for the first time.
      'start.js': PROMETHEUS,
      'telemetry.js': "setTimeout(() => import('./start.js'), 300);",
    });
    const { exitCode, warnings, ok } = await doctor(workspace, project, [...ENTRY, '--timeout', '30']);
    expect(exitCode).toBe(0);
    expect(warnings).toEqual([
      expect.stringMatching(/^It came \d+ ms after telemetry\.js had run: calls before that are not recorded$/),
    ]);
    expect(ok).toContain(ARRIVED);
  });

  it('runs CommonJS, what --require loads, and TypeScript under --import tsx', async () => {
    const commonJs = `
      const { metrics } = require('@opentelemetry/api');
      const { PrometheusExporter } = require('@opentelemetry/exporter-prometheus');
      const { MeterProvider } = require('@opentelemetry/sdk-metrics');
      metrics.setGlobalMeterProvider(new MeterProvider({ readers: [new PrometheusExporter({ preventServerStart: true })] }));
    `;
    const project = workspace.project('loaders', {
      'telemetry.cjs': commonJs,
      'telemetry.ts': `${PROMETHEUS}\nconst typed: number = 1;\nenum Needs { Compiling = typed }`,
    });
    for (const args of [
      ['--entry', 'telemetry.cjs'],
      ['--require', './telemetry.cjs'],
      ['--import', 'tsx', '--entry', 'telemetry.ts'],
    ]) {
      const { ok, problems } = await doctor(workspace, project, args);
      expect(problems).toEqual([]);
      expect(ok).toContain(ARRIVED);
    }
  });

  it('finds the provider and the readers of startInferenceMetrics, with its own aggregation too', async () => {
    for (const producer of [false, true]) {
      const project = workspace.project(`start-${producer}`, {
        'telemetry.js': `
          import { startInferenceMetrics } from 'track-inference/start';
          await startInferenceMetrics({ prometheus: { server: false }, producer: ${producer} });
        `,
      });
      const { ok, warnings, problems } = await doctor(workspace, project, ENTRY);
      expect([...warnings, ...problems]).toEqual([]);
      expect(ok).toContain('A MeterProvider is there (MeterProvider), given to track-inference itself, not global');
      expect(ok).toContain(ARRIVED);
    }
  });

  it('tells why an entry cannot run', async () => {
    const project = workspace.project('failing', {
      'throws.js': "throw new RangeError('no region');",
      'decorated.js': 'function d() {}\nclass Router { @d chat() {} }',
      'exits.js': "console.error('no configuration'); process.exit(3);",
      'served.js': `
        import { createServer } from 'node:http';
        import { startInferenceMetrics } from 'track-inference/start';
        const taken = createServer().listen(0, '127.0.0.1');
        await new Promise((resolve) => taken.once('listening', resolve));
        await startInferenceMetrics({ prometheus: { port: taken.address().port } });
      `,
    });
    const first = async (entry: string) => {
      const { exitCode, findings } = await doctor(workspace, project, ['--entry', entry]);
      expect(exitCode).toBe(1);
      return findings.find(({ level }) => level === 'problem');
    };
    expect(await first('throws.js')).toMatchObject({ title: 'throws.js throws: RangeError: no region' });
    expect(await first('decorated.js')).toMatchObject({
      title: 'decorated.js throws: SyntaxError: Invalid or unexpected token',
      advice: expect.arrayContaining([expect.stringContaining('"target": "ES2022"')]),
    });
    expect(await first('served.js')).toMatchObject({
      title: expect.stringContaining('Prometheus cannot be served'),
      advice: ['It runs already, it seems: stop it, or give it another port for this test.'],
    });
    expect(await first('exits.js')).toMatchObject({
      title: 'exits.js could not be looked into: its process ended with code 3',
      advice: ['no configuration'],
    });
  });

  it('sends nothing, and calls no hook of the application', async () => {
    const project = workspace.project('quiet', {
      'telemetry.js': `
        import { writeFileSync } from 'node:fs';
        import { metrics } from '@opentelemetry/api';
        import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
        import { configureInference } from 'track-inference';
        const exporter = {
          export() { writeFileSync('exported', ''); },
          forceFlush: async () => {},
          shutdown: async () => {},
        };
        const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 120_000, exportTimeoutMillis: 1_000 });
        metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
        configureInference({ onSettled() { writeFileSync('settled', ''); } });
        process.on('SIGTERM', () => reader.forceFlush());
        process.on('exit', () => writeFileSync('ended', ''));
      `,
      'tsconfig.json': { files: [], references: [{ path: './tsconfig.app.json' }] },
      'tsconfig.app.json': { compilerOptions: { composite: true, target: 'ES2022' } },
    });
    const { warnings, problems, ok } = await doctor(workspace, project, ENTRY);
    expect(problems).toEqual([]);
    expect(ok).toContain(ARRIVED.replace('PrometheusExporter', 'PeriodicExportingMetricReader (Object)'));
    expect(warnings).toEqual([
      'tsconfig.json compiles nothing itself, it refers to others',
      expect.stringMatching(/exports every 120 s/),
    ]);
    const written = (await run(workspace, project, ['doctor'])).stdout;
    expect(written).not.toContain('exported');
    const { readdirSync } = await import('node:fs');
    expect(readdirSync(project).sort()).toEqual(['package.json', 'telemetry.js', 'tsconfig.app.json', 'tsconfig.json']);
  });
});

describe('what arrives', () => {
  const setUp = (readers: string, views = '') => `
    import { metrics } from '@opentelemetry/api';
    import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
    import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
    import { AggregationTemporality, AggregationType, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
    import { configureInference } from 'track-inference';
    import { InferenceMetricProducer } from 'track-inference/producer';
    metrics.setGlobalMeterProvider(new MeterProvider({ readers: [${readers}], views: [${views}] }));
  `;
  const SCRAPED = 'new PrometheusExporter({ preventServerStart: true })';

  it('tells of deltas on their way to Prometheus', async () => {
    const reader = `new PeriodicExportingMetricReader({
      exporter: new OTLPMetricExporter({ url: 'http://127.0.0.1:1/api/v1/otlp/v1/metrics', temporalityPreference: 0 }),
    })`;
    const project = workspace.project('delta', { 'telemetry.js': setUp(reader) });
    const { exitCode, problems } = await doctor(workspace, project, ENTRY);
    expect(exitCode).toBe(1);
    expect(problems).toEqual([
      'Counts are deltas at PeriodicExportingMetricReader (OTLPMetricExporter to http://127.0.0.1:1/api/v1/otlp/v1/metrics): Prometheus takes cumulative ones, and shows nonsense or nothing',
    ]);
  });

  it('tells of a delta producer that two readers share', async () => {
    const project = workspace.project('producer', {
      'telemetry.js': `
        ${setUp('').replace('metrics.setGlobal', '//')}
        const producer = new InferenceMetricProducer({ temporality: 'delta' });
        const scraped = () => new PrometheusExporter({ preventServerStart: true, metricProducers: [producer] });
        metrics.setGlobalMeterProvider(new MeterProvider({ readers: [scraped(), scraped()] }));
        configureInference({ sink: producer });
      `,
    });
    const { problems } = await doctor(workspace, project, ENTRY);
    expect(problems).toContain('Several readers share a delta producer: each gets a part of the counts');
    expect(problems).toContainEqual(expect.stringMatching(/^Counts are deltas at PrometheusExporter/));
  });

  it('tells of Views that go over the buckets', async () => {
    const view = (aggregation: string) =>
      `{ instrumentName: '*request_duration_seconds', aggregation: ${aggregation} }`;
    const of = async (name: string, aggregation: string) =>
      doctor(workspace, workspace.project(name, { 'telemetry.js': setUp(SCRAPED, view(aggregation)) }), ENTRY);

    const defaults = await of('view-default', '{ type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM }');
    expect(defaults.problems).toEqual([
      "llama_stack.inference.request_duration_seconds has the SDK's default buckets at PrometheusExporter: a p95 of 4.75 s, whatever the truth",
    ]);
    const coarse = await of(
      'view-coarse',
      '{ type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: [1, 100] } }',
    );
    expect(coarse.problems).toEqual([]);
    expect(coarse.warnings).toEqual([
      'llama_stack.inference.request_duration_seconds has 2 bucket edges, 1 to 100 at PrometheusExporter, only 1 between 0.05 s and 60 s: percentiles are guesses',
    ]);
    const exponential = await of('view-exponential', '{ type: AggregationType.EXPONENTIAL_HISTOGRAM }');
    expect(exponential.problems).toEqual([
      'llama_stack.inference.request_duration_seconds is an exponential histogram at PrometheusExporter, which leaves those out',
    ]);
    const dropped = await of('view-drop', '{ type: AggregationType.DROP }');
    expect(dropped.warnings).toEqual([
      'llama_stack.inference.request_duration_seconds did not arrive at PrometheusExporter',
    ]);
  });

  it('tells of a provider without readers', async () => {
    const project = workspace.project('readerless', { 'telemetry.js': setUp('') });
    const { problems } = await doctor(workspace, project, ENTRY);
    expect(problems).toEqual(['It has no reader, so the metrics go nowhere']);
  });
});

describe('decorators', () => {
  const WHERE = 'tsconfig.json, TypeScript 6.0.3';
  const decorators = async (name: string, compilerOptions: object, files: object = {}, manifest: object = {}) => {
    const base = {
      'base.json': { compilerOptions },
      'tsconfig.json': { extends: './base.json' },
      'index.ts': '',
      ...files,
    };
    const { findings } = await doctor(workspace, workspace.project(name, base, manifest));
    return findings.filter(({ subject }) => subject === 'Decorators').map(({ level, title }) => `${level}: ${title}`);
  };

  it('says which ones a tsconfig compiles, with what it extends', async () => {
    expect(await decorators('legacy', { experimentalDecorators: true, emitDecoratorMetadata: true })).toEqual([
      `ok: Decorators are legacy ones (experimentalDecorators, with emitDecoratorMetadata): ${WHERE}`,
    ]);
    expect(await decorators('standard', { target: 'ES2022', verbatimModuleSyntax: true, module: 'nodenext' })).toEqual([
      `ok: Decorators are standard ones, compiled away: ${WHERE}`,
    ]);
  });

  it('tells of a target that leaves them to the engine, unless tsc only checks', async () => {
    const left = `Decorators are left in the output, which no engine runs ("SyntaxError: Invalid or unexpected token"): ${WHERE}`;
    expect(await decorators('esnext', { target: 'ESNext' })).toEqual([`problem: ${left}`]);
    expect(await decorators('esnext-checked', { target: 'ESNext', noEmit: true })).toEqual([`warn: ${left}`]);
  });

  it('tells of options that do not go together', async () => {
    expect((await decorators('metadata', { emitDecoratorMetadata: true, target: 'ES2022' }))[0]).toBe(
      `problem: ${WHERE}: TS5052: Option 'emitDecoratorMetadata' cannot be specified without specifying option 'experimentalDecorators'.`,
    );
  });

  it('tells of a Vite that compiles legacy ones only', async () => {
    const vite = { 'node_modules/vite/package.json': { name: 'vite', version: '8.3.8' } };
    const told = 'warn: Vite 8.3.8 leaves standard decorators in the output, which no engine runs';
    expect((await decorators('vite', { target: 'ES2022' }, vite))[1]).toBe(told);
    expect(await decorators('vite-legacy', { experimentalDecorators: true }, vite)).toHaveLength(1);
    const plugin = { ...vite, 'vite.config.js': "import swc from 'unplugin-swc';" };
    expect(await decorators('vite-swc', { target: 'ES2022' }, plugin)).toHaveLength(1);
  });

  it('looks at swc, Babel, Nest and scripts beside it', async () => {
    expect(
      await decorators(
        'others',
        { target: 'ES2022' },
        { '.swcrc': { jsc: { parser: { syntax: 'typescript' } } }, 'babel.config.js': 'export default {}' },
        {
          scripts: {
            build: 'esbuild src/main.ts --bundle',
            dev: 'node src/main.ts',
            ok: 'esbuild a.ts --target=node20',
          },
          dependencies: { '@nestjs/common': '12' },
        },
      ),
    ).toEqual([
      `ok: Decorators are standard ones, compiled away: ${WHERE}`,
      'problem: .swcrc does not read decorators',
      'warn: babel.config.js names no plug-in for decorators; Babel cannot read one without',
      'problem: The script "build" runs esbuild without a target: standard decorators stay in the output, which no engine runs',
      'problem: The script "dev" lets Node strip the types: decorators are not types, they stay, and no engine runs them',
      'problem: NestJS needs legacy decorators',
    ]);
  });
});

describe('variables', () => {
  it('tells of those that silence or spoil metrics', async () => {
    const project = workspace.project('variables', {});
    const { problems, warnings } = await doctor(workspace, project, [], {
      OTEL_SDK_DISABLED: 'true',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
      OTEL_METRIC_EXPORT_INTERVAL: '10',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://collector:4318',
    });
    expect(problems).toEqual([
      'OTEL_SDK_DISABLED=true turns every metric off',
      'OTEL_METRICS_EXPORTER=none exports no metrics',
    ]);
    expect(warnings).toEqual([
      'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=delta: right for Datadog, Dynatrace and the like; Prometheus refuses it or adds it up wrong',
      'OTEL_METRIC_EXPORT_INTERVAL=10 is in milliseconds: 100 exports a second',
      'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://collector:4318 has no path, and is used as it stands',
    ]);
  });
});

describe('the command line', () => {
  it.each([
    [[], 'Which command? There is one: track-inference doctor'],
    [['heal'], 'There is no command "heal"; there is one: doctor'],
    [['doctor', 'telemetry.js'], 'doctor takes no "telemetry.js"; a file to run goes behind --entry.'],
    [['doctor', '--entry', 'gone.js'], '--entry gone.js: there is no '],
    [['doctor', '--timeout', 'long'], '--timeout long is no number of seconds.'],
    [['doctor', '--entri', 'x'], "Unknown option '--entri'"],
    [['doctor', '--project', '/'], 'No package.json in / or above it.'],
  ])('refuses %j', async (args, message) => {
    const { exitCode, stderr, stdout } = await run(workspace, workspace.dir, [
      ...args,
      ...(args[0] === 'doctor' && !args.includes('--project') ? ['--project', workspace.project('misuse', {})] : []),
    ]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('explains itself', async () => {
    const { exitCode, stdout } = await run(workspace, workspace.dir, ['doctor', '--help']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('--entry <file>');
    expect((await run(workspace, workspace.dir, ['--version'])).stdout).toBe('0.1.0\n');
  });
});
