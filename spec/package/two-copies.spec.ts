import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs as an application that got the package twice, through `import` and through `require`. */
const program = `
  import { createRequire } from 'node:module';
  import { metrics } from '@opentelemetry/api';
  import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
  import * as esm from 'track-inference';
  const cjs = createRequire(process.cwd() + '/').call(null, 'track-inference');

  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
  metrics.setGlobalMeterProvider(provider);
  esm.configureInference({ provider: 'acme', labelLimits: { model: 1 } });

  const inner = cjs.trackInference(async function inner(request) { cjs.currentInference().setAttributes({ by: 'cjs' }); return request; });
  const outer = esm.trackInference(async function outer(request) { await null; return inner(request); });
  await outer({ model: 'a' });
  await cjs.trackInference(function single() {}).call(null, { model: 'b' });
  let twice = 'allowed';
  try { esm.trackInference(cjs.trackInference(function chat() {})); } catch (error) { twice = error.message; }

  await provider.forceFlush();
  const points = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
    .filter(({ descriptor }) => descriptor.name.endsWith('requests_total'))
    .flatMap(({ dataPoints }) => dataPoints.filter(({ value }) => value > 0).map(({ attributes }) => attributes));
  console.log(JSON.stringify({
    sameModule: esm.trackInference === cjs.trackInference,
    sameRegistry: esm.tokenExtractors === cjs.tokenExtractors,
    twice, points,
  }));
`;

it('the ESM and the CommonJS copy share the registry, the tracker, its limits and the running call', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  expect(JSON.parse(stdout)).toEqual({
    sameModule: false,
    sameRegistry: true,
    twice: expect.stringContaining('tracked already'),
    points: [
      { model: 'a', provider: 'acme', endpoint_type: 'outer', stream: false, by: 'cjs', status: 'success' },
      { model: '_other', provider: 'acme', endpoint_type: 'single', stream: false, status: 'success' },
    ],
  });
});
