import { DiagLogLevel, diag, metrics } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { configureInference, TrackInference } from 'track-inference';

// Decorated before the tracker is configured, as it happens at import.
class Router {
  @TrackInference()
  chat(): void {}
}

it('sets up the default tracker once; a second call warns and changes nothing', () => {
  const warnings: string[] = [];
  const log = () => {};
  diag.setLogger(
    { warn: (message) => warnings.push(message), error: log, info: log, debug: log, verbose: log },
    DiagLogLevel.WARN,
  );
  const added: object[] = [];
  const provider = new MeterProvider();
  const getMeter = provider.getMeter.bind(provider);
  provider.getMeter = (...args) => {
    const meter = getMeter(...args);
    const createCounter = meter.createCounter.bind(meter);
    meter.createCounter = (...definition) => {
      const counter = createCounter(...definition);
      counter.add = (value, attributes = {}) => value === 1 && added.push(attributes);
      return counter;
    };
    return meter;
  };

  expect(() => configureInference({ provider: 1 as never })).toThrow(/configureInference: option "provider"/);
  configureInference({ provider: 'acme', meterProvider: provider });
  new Router().chat();
  configureInference({ provider: 'other' });
  new Router().chat();

  expect(added).toEqual(Array(2).fill({ provider: 'acme', endpoint_type: 'chat', stream: false, status: 'success' }));
  expect(warnings).toEqual(['track-inference: configureInference: called a second time; the first settings stay']);
  metrics.disable();
  diag.disable();
});
