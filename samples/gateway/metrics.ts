import { randomUUID } from 'node:crypto';
import { metrics } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';

export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export interface GatewayMetrics {
  /** What GET /metrics answers. */
  prometheusText(): Promise<string>;
  shutdown(): Promise<void>;
}

/**
 * Makes the OpenTelemetry SDK's meter provider the global one, which is where the annotations look for it.
 *
 * The official Prometheus exporter reads it. Its own web server stays off: the gateway has one already.
 */
export function startMetrics(): GatewayMetrics {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  // Without the scope's name and version on every line: an upgrade would begin every series anew.
  const serializer = new PrometheusSerializer(undefined, false, undefined, false, true);
  // A name to find it by, and an id of its own for each process, or their counters would overwrite each other.
  const resource = defaultResource().merge(
    resourceFromAttributes({ 'service.name': 'track-inference-gateway', 'service.instance.id': randomUUID() }),
  );
  const provider = new MeterProvider({ resource, readers: [exporter] });
  if (!metrics.setGlobalMeterProvider(provider)) throw new Error('This process has a global meter provider already.');

  return {
    async prometheusText() {
      const { resourceMetrics, errors } = await exporter.collect();
      if (errors.length > 0) console.error('Some metrics could not be collected:', ...errors);
      return serializer.serialize(resourceMetrics);
    },
    async shutdown() {
      await provider.shutdown({ timeoutMillis: 1_000 });
      metrics.disable();
    },
  };
}
