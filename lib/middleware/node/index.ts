export type { InferenceRequest } from '../inference-request.js';
export type { FromRequest, MiddlewareOptions } from '../middleware-options.js';
export type { InferenceRoutes } from '../routes.js';
export type { SseOptions } from '../sse-events.js';
export { sseResponse } from '../sse-response.js';
export { hangUpSignal } from './hang-up-signal.js';
export type { NodeRequest, NodeResponse, NodeSocket, ResponseCarrier } from './http-messages.js';
export { sendSse } from './send-sse.js';
export { trackNode } from './track-node.js';
