import type { MetricProducer, MetricReader } from '@opentelemetry/sdk-metrics';
import { type Environment, milliseconds, otlpEndpoint } from './environment.js';
import { optionalPeer } from './optional-peer.js';
import type { OtlpOptions } from './start-options.js';
import { WatchedExporter } from './watched-exporter.js';

const DEFAULT_ENDPOINT = 'http://localhost:4318/v1/metrics';

export async function otlpReader(
  options: OtlpOptions,
  metricProducers: MetricProducer[],
  env: Environment,
  log: (line: string) => void,
): Promise<{ readonly reader: MetricReader; readonly exporter: WatchedExporter }> {
  const { PeriodicExportingMetricReader } = await import('@opentelemetry/sdk-metrics');
  const { OTLPMetricExporter } = await optionalPeer(
    'otlp',
    '@opentelemetry/exporter-metrics-otlp-proto',
    () => import('@opentelemetry/exporter-metrics-otlp-proto'),
  );
  const protocol = env['OTEL_EXPORTER_OTLP_METRICS_PROTOCOL'] ?? env['OTEL_EXPORTER_OTLP_PROTOCOL'];
  if (protocol && protocol !== 'http/protobuf')
    log(`OTEL_EXPORTER_OTLP_PROTOCOL=${protocol} is not known here; http/protobuf is used.`);
  const exportIntervalMillis =
    options.exportIntervalMilliseconds ?? milliseconds(env, 'OTEL_METRIC_EXPORT_INTERVAL') ?? 60_000;
  const exportTimeoutMillis = Math.min(
    options.exportTimeoutMilliseconds ?? milliseconds(env, 'OTEL_METRIC_EXPORT_TIMEOUT') ?? 30_000,
    exportIntervalMillis,
  );
  const { url, headers } = options;
  const exporter = new WatchedExporter(
    new OTLPMetricExporter({
      ...(url && { url }),
      ...(headers && { headers: { ...headers } }),
      // So that a slow back end's export has ended before the next one begins.
      timeoutMillis: exportTimeoutMillis,
    }),
    withoutCredentials(url ?? otlpEndpoint(env) ?? DEFAULT_ENDPOINT),
    log,
  );
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis,
    exportTimeoutMillis,
    metricProducers,
  });
  return { reader, exporter };
}

/** An address as it may stand in a log. */
function withoutCredentials(address: string): string {
  return address.replace(/^(\w+:\/\/)[^/@]*@/, '$1').replace(/\?.*$/, '');
}
