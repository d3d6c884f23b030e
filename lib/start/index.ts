export type { InferenceMetrics, ShutdownReport } from './inference-metrics.js';
export { startInferenceMetrics } from './start-inference-metrics.js';
export type { OtlpOptions, PrometheusEndpointOptions, StartInferenceMetricsOptions } from './start-options.js';
