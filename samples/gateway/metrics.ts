import cluster from 'node:cluster';
import { randomUUID } from 'node:crypto';
import { metrics as api } from '@opentelemetry/api';
import { configureInference } from 'track-inference';
import { type InferenceMetrics, startInferenceMetrics } from 'track-inference/start';
import { LOCAL_MODEL } from './providers/local/local-provider.js';

// Here, because it is done once in a process.
configureInference({
  // For the page's list of errors.
  errorType: true,
  // Clients choose the names; however many they make up, this one is never counted under `_other`.
  allowedModels: [LOCAL_MODEL],
});

export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Starts the metrics: text for GET /metrics, and OTLP as well where OTEL_EXPORTER_OTLP_ENDPOINT names a receiver.
 *
 * They become OpenTelemetry's global ones, which is where the annotations look. No port is opened: the gateway has one.
 */
export async function startMetrics(): Promise<InferenceMetrics> {
  const metrics = await startInferenceMetrics({
    prometheus: { server: false },
    global: true,
    tracker: false,
    serviceName: process.env['OTEL_SERVICE_NAME'] || 'track-inference-gateway',
    // Workers share their environment: an id that it sets would be the same for all, and their counters would clash.
    ...(cluster.isWorker && { resource: { 'service.instance.id': randomUUID() } }),
    log: (line) => console.error(line),
  });
  if (api.getMeterProvider() !== metrics.meterProvider) {
    await metrics.shutdown();
    throw new Error('This process has a global meter provider already.');
  }
  return metrics;
}
