/** How a call ended: came to its end, failed, or was left by whoever wanted it. */
export type InferenceStatus = 'success' | 'error' | 'cancelled';

/** What {@link createMetricAttributes} takes; an absent member is left out of the attributes. */
export interface MetricAttributesInput {
  /** The requested model. */
  model?: string | undefined;
  /** Who serves it. */
  provider?: string | undefined;
  /** As in `'chat_completion'`. */
  endpointType?: string | undefined;
  /** Whether the answer is a stream. */
  stream?: boolean | undefined;
  /** How the call ended; `concurrent_requests` has none. */
  status?: InferenceStatus | undefined;
}

/** The attributes of the six instruments, under the names that dashboards query. */
export interface MetricAttributes {
  /** The requested model; where the request names none, the one that the response does. */
  model?: string;
  /** Who serves it. */
  provider?: string;
  /** As in `'chat_completion'`. */
  endpoint_type?: string;
  /** Whether the answer is a stream: a boolean, not a text. */
  stream?: boolean;
  /** How the call ended; `concurrent_requests` has none. */
  status?: InferenceStatus;
  /** Custom attributes; also what lets the object be passed to OpenTelemetry as `Attributes`. */
  [custom: string]: string | number | boolean;
}

/** The names that custom attributes cannot take. */
export const CONTRACT_ATTRIBUTES: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'model',
  'provider',
  'endpoint_type',
  'stream',
  'status',
]);

/**
 * Builds the attributes of a recording made by hand, as the decorator builds its own.
 *
 * An unknown value is left out, never recorded as `''` or `'undefined'`.
 */
export function createMetricAttributes(input: MetricAttributesInput): MetricAttributes {
  const attributes: MetricAttributes = {};
  if (input.model) attributes.model = input.model;
  if (input.provider) attributes.provider = input.provider;
  if (input.endpointType) attributes.endpoint_type = input.endpointType;
  if (input.stream !== undefined) attributes.stream = input.stream;
  if (input.status) attributes.status = input.status;
  return attributes;
}
