import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { requestId } from 'hono/request-id';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { withUsage } from 'track-inference';
import { ApiError, modelNotFound, toApiError } from './api-error.js';
import type { InferenceRouter } from './inference-router.js';
import { CONTENT_SECURITY_POLICY, liveScript, liveStyle } from './live/assets.js';
import { livePage } from './live/page.js';
import { PROMETHEUS_CONTENT_TYPE } from './metrics.js';
import { chatParams, completionParams, embeddingParams } from './request-body.js';
import type { RoutingTable } from './routing-table.js';
import { SSE_HEADERS, sseBody } from './sse.js';

export interface AppOptions {
  readonly router: InferenceRouter;
  readonly routingTable: RoutingTable;
  /** What GET /metrics answers. */
  readonly prometheusText: () => Promise<string>;
  readonly isDraining: () => boolean;
  readonly maxBodyBytes: number;
}

/** The gateway's routes: HTTP and nothing else. What a request means is the router's business. */
export function createApp({ router, routingTable, prometheusText, isDraining, maxBodyBytes }: AppOptions): Hono {
  const app = new Hono();
  app.use(requestId());
  app.use('/v1/*', bodyLimit({ maxSize: maxBodyBytes, onError: () => tooLarge(maxBodyBytes) }));

  // withUsage: nobody but the provider knows how many tokens a stream had, and a client that did not ask is not told.
  app.post('/v1/chat/completions', async (c) => {
    const params = chatParams(await c.req.text());
    const result = await router.openaiChatCompletion(withUsage(params), { signal: c.req.raw.signal });
    return isIterable(result) ? c.body(sseBody(result), 200, SSE_HEADERS) : c.json(result);
  });

  app.post('/v1/completions', async (c) => {
    const params = completionParams(await c.req.text());
    const result = await router.openaiCompletion(withUsage(params), { signal: c.req.raw.signal });
    return isIterable(result) ? c.body(sseBody(result), 200, SSE_HEADERS) : c.json(result);
  });

  app.post('/v1/embeddings', async (c) => {
    const params = embeddingParams(await c.req.text());
    return c.json(await router.openaiEmbeddings(params, { signal: c.req.raw.signal }));
  });

  app.get('/v1/models', async (c) => c.json({ object: 'list', data: await routingTable.models() }));

  app.get('/v1/models/:id{.+}', async (c) => {
    const id = c.req.param('id');
    const model = (await routingTable.models()).find((candidate) => candidate.id === id);
    if (model === undefined) throw modelNotFound(id);
    return c.json(model);
  });

  app.get('/metrics', async (c) => c.body(await prometheusText(), 200, { 'content-type': PROMETHEUS_CONTENT_TYPE }));

  // A load balancer that sees 503 sends new requests elsewhere while the running ones finish.
  app.get('/healthz', (c) => (isDraining() ? c.json({ status: 'draining' }, 503) : c.json({ status: 'ok' })));

  app.get('/', (c) => {
    c.header('content-security-policy', CONTENT_SECURITY_POLICY);
    return c.html(livePage(new URL(c.req.url).origin));
  });
  app.get('/live.js', async (c) => c.body(await liveScript(), 200, { 'content-type': 'text/javascript' }));
  app.get('/live.css', (c) => c.body(liveStyle(), 200, { 'content-type': 'text/css' }));

  app.on(['POST', 'PUT', 'PATCH', 'DELETE', 'GET'], KNOWN_PATHS, (c) => {
    throw new ApiError(`Not allowed to ${c.req.method} on ${c.req.path}. (HINT: use a different HTTP method.)`, {
      status: 405,
      code: 'method_not_supported',
      headers: { allow: c.req.path.startsWith('/v1/') && !c.req.path.startsWith('/v1/models') ? 'POST' : 'GET' },
    });
  });

  app.notFound((c) => {
    const message = `Unknown request URL: ${c.req.method} ${c.req.path}.`;
    return errorResponse(c, new ApiError(message, { status: 404, code: 'unknown_url' }));
  });

  app.onError((error, c) => errorResponse(c, c.req.raw.signal.aborted ? clientClosedRequest() : toApiError(error)));
  return app;
}

const KNOWN_PATHS = [
  '/v1/chat/completions',
  '/v1/completions',
  '/v1/embeddings',
  '/v1/models',
  '/metrics',
  '/healthz',
  '/',
];

function isIterable<T>(result: object | AsyncIterable<T>): result is AsyncIterable<T> {
  return Symbol.asyncIterator in result;
}

function tooLarge(maxBodyBytes: number): never {
  throw new ApiError(`The request body is larger than ${maxBodyBytes} bytes.`, {
    status: 413,
    code: 'request_too_large',
  });
}

/** Nobody reads it, but it has to be something; 499 is what nginx logs. */
function clientClosedRequest(): ApiError {
  return new ApiError('The client closed the request.', { status: 499, code: 'client_closed_request' });
}

function errorResponse(c: Context, error: ApiError): Response {
  return c.json(error.body(), error.status as ContentfulStatusCode, error.headers);
}
