import type { MetricProducer, MetricReader } from '@opentelemetry/sdk-metrics';
import type { Environment } from './environment.js';
import { optionalPeer } from './optional-peer.js';
import type { PrometheusEndpointOptions } from './start-options.js';

export interface PrometheusEndpoint {
  readonly reader: MetricReader;
  text(): Promise<string>;
  /** Opens the port unless `server` is false; returns the address to scrape. */
  listen(): Promise<string | undefined>;
}

export async function prometheusReader(
  options: PrometheusEndpointOptions,
  metricProducers: MetricProducer[],
  env: Environment,
): Promise<PrometheusEndpoint> {
  const { PrometheusExporter, PrometheusSerializer } = await optionalPeer(
    'prometheus',
    '@opentelemetry/exporter-prometheus',
    () => import('@opentelemetry/exporter-prometheus'),
  );
  // The exporter's own default is every interface; what a model costs is not for everyone on the network.
  const host = options.host ?? (env['OTEL_EXPORTER_PROMETHEUS_HOST'] || '127.0.0.1');
  const port =
    options.port ?? (Number(env['OTEL_EXPORTER_PROMETHEUS_PORT']) || PrometheusExporter.DEFAULT_OPTIONS.port);
  const endpoint = options.path ?? PrometheusExporter.DEFAULT_OPTIONS.endpoint;
  // Without the scope's name and version on every line: an upgrade would begin every series anew.
  const withoutScopeInfo = true;
  const exporter = new PrometheusExporter({
    host,
    port,
    endpoint,
    metricProducers,
    withoutScopeInfo,
    preventServerStart: true,
  });
  const origin = `http://${host.includes(':') ? `[${host}]` : host}`;
  // The exporter reads paths against this, and forgets the brackets of an IPv6 address: every scrape was a Bad Request.
  Object.assign(exporter, { _baseUrl: `${origin}:${port}/` });
  const serializer = new PrometheusSerializer(undefined, false, undefined, false, withoutScopeInfo);
  return {
    reader: exporter,
    async text() {
      const { resourceMetrics } = await exporter.collect();
      return serializer.serialize(resourceMetrics);
    },
    async listen() {
      if (options.server === false) return undefined;
      try {
        await exporter.startServer();
      } catch (error) {
        throw new Error(
          `startInferenceMetrics: Prometheus cannot be served on ${host}:${port}: ${(error as Error).message}`,
          {
            cause: error,
          },
        );
      }
      return `${origin}:${portOf(exporter) ?? port}/${endpoint.replace(/^\//, '')}`;
    },
  };
}

/** The port that is listened on, which the system chooses where 0 was asked for. The exporter keeps its server to itself. */
function portOf(exporter: object): number | undefined {
  const { _server } = exporter as { _server?: { address(): { port: number } | string | null } };
  const address = _server?.address();
  return typeof address === 'object' ? address?.port : undefined;
}
