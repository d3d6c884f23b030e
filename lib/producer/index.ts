export type { InferenceMetricProducerOptions } from './inference-metric-producer.js';
export { InferenceMetricProducer } from './inference-metric-producer.js';
