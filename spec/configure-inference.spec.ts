import { diag, metrics } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { configureInference, TrackInference } from 'track-inference';
import { metricRows } from '../lib/testing/metric-rows.js';
import { Reader } from './producer/support/setups.js';
import { heardWarnings } from './support/warnings.js';

// Decorated before the tracker is configured, as it happens at import.
class Router {
  @TrackInference()
  chat(): void {}
}

it('sets up the default tracker once; a second call warns and changes nothing', async () => {
  const warnings = heardWarnings();
  const reader = new Reader();
  const meterProvider = new MeterProvider({ readers: [reader] });

  expect(() => configureInference({ provider: 1 as never })).toThrow(/configureInference: option "provider"/);
  configureInference({ provider: 'acme', meterProvider });
  new Router().chat();
  configureInference({ provider: 'other' });
  new Router().chat();

  const counted = metricRows(await reader.read()).filter(({ name, value }) => name.endsWith('requests_total') && value);
  expect(counted).toEqual([
    {
      name: 'llama_stack.inference.requests_total',
      attributes: { provider: 'acme', endpoint_type: 'chat', stream: false, status: 'success' },
      value: 2,
    },
  ]);
  expect(warnings).toEqual(['track-inference: configureInference: called a second time; the first settings stay']);
  metrics.disable();
  diag.disable();
});
