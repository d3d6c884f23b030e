// Tracking

export type { AbortSignalLike } from './call/cancellation.js';
export type { InferenceCall } from './call/inference-call.js';
// The running call
export { currentInference } from './current-inference.js';
export { configureInference } from './default-tracker.js';
// Token extraction
export { tokenExtractors } from './extraction/default-registry.js';
export { TokenExtractorRegistry } from './extraction/registry.js';
export type { TokenExtractor, TokenUsage } from './extraction/token-extractor.js';
export type { InferenceStatus, MetricAttributes, MetricAttributesInput } from './metrics/attributes.js';
export { createMetricAttributes } from './metrics/attributes.js';
export type { BucketOptions, BucketOverrides } from './metrics/bucket-options.js';
export type { AttributeValue } from './metrics/custom-attributes.js';
export type { InferenceRecord } from './metrics/inference-record.js';
export type { LabelLimits } from './metrics/label-limits.js';
export type { LabelMemo, LabelSet } from './metrics/label-sets.js';
export type { LateBoundCounter, LateBoundHistogram } from './metrics/manual-instruments.js';
export {
  concurrentRequests,
  inferenceDuration,
  requestDuration,
  requestsTotal,
  timeToFirstToken,
  tokensPerSecond,
} from './metrics/manual-instruments.js';
// Metrics
export {
  CONCURRENT_REQUESTS,
  INFERENCE_DURATION,
  REQUEST_DURATION,
  REQUESTS_TOTAL,
  TIME_TO_FIRST_TOKEN,
  TOKENS_PER_SECOND,
} from './metrics/metric-names.js';
export type { SettledInference } from './metrics/settled-inference.js';
// Extending: other sinks and vocabularies
export type { InFlightTicket, InferenceSink, ManualInstrument } from './metrics/sinks/inference-sink.js';
export type { InstrumentOptions } from './metrics/vocabularies/chosen.js';
export type { Extra, ServiceLevels } from './metrics/vocabularies/extras.js';
export { llamaStack } from './metrics/vocabularies/llama-stack.js';
export type {
  ChunkInstrument,
  InstrumentDefinition,
  SettledInstrument,
  Vocabulary,
} from './metrics/vocabularies/vocabulary.js';
export type { AnyMethod, ItemOf, Selector, TrackInferenceOptions } from './options.js';
export type { InferenceTracker, TrackDecorator, TrackPlan } from './track-inference.js';
export { createInferenceTracker, TrackInference, trackInference, trackMethods } from './track-inference.js';
export type { TrackerOptions } from './tracker-options.js';
export { withUsage } from './with-usage.js';
