export type { InferenceRequest } from './inference-request.js';
export type { FromRequest, MiddlewareOptions } from './middleware-options.js';
export type { WebRequest } from './request-overlay.js';
export type { InferenceRoutes } from './routes.js';
export { inferenceRoutes } from './routes.js';
export type { SseOptions } from './sse-events.js';
export { sseResponse } from './sse-response.js';
export { trackFetch } from './track-fetch.js';
