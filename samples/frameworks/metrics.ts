// Import it first in a server that you run: it prints the metrics every ten seconds. Specs bring a MeterProvider of their own.
import { metrics } from '@opentelemetry/api';
import { ConsoleMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';

const reader = new PeriodicExportingMetricReader({
  exporter: new ConsoleMetricExporter(),
  exportIntervalMillis: 10_000,
});
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
