import { SSE_HEADERS, SseEvents, type SseOptions } from '../sse-events.js';
import { isComplete, type NodeResponse, nodeResponseOf, type ResponseCarrier } from './http-messages.js';

/**
 * Sends items to a response of Node as Server-Sent Events, at the pace at which the client takes them. When the client
 * leaves, the source is closed.
 *
 * Resolves when all is sent or the client has left. Rejects with what the items throw before the first of them, while
 * nothing has been sent and the framework can still answer with an error; if they fail later, an `error` event is sent.
 *
 * Takes Node's response, Fastify's reply, Koa's context or Nest's response, and takes over from the framework at the first
 * item: await it in the handler.
 */
export async function sendSse<T>(
  response: ResponseCarrier,
  items: AsyncIterable<T> | Iterable<T>,
  options: SseOptions<T> = {},
): Promise<void> {
  const res = nodeResponseOf(response);
  const events = new SseEvents(items, options);
  let wake = (): void => {};
  const onClose = (): void => {
    if (isComplete(res)) return;
    events.leave();
    wake();
  };
  // The source of a client that left may never say another word, so nothing is waited for without an ear for that.
  const orGone = <R>(start: (resolve: (value: R | undefined) => void, reject: (error: unknown) => void) => void) =>
    new Promise<R | undefined>((resolve, reject) => {
      wake = () => resolve(undefined);
      start(resolve, reject);
    });
  if (res.destroyed) onClose();
  res.on('close', onClose);
  try {
    for (let isFirst = true; !res.destroyed; isFirst = false) {
      const event = await orGone<string>((resolve, reject) => events.next(isFirst).then(resolve, reject));
      if (res.destroyed || event === undefined) break;
      if (isFirst) writeHead(response, res);
      if (!res.write(event)) await orGone<void>((resolve) => res.once('drain', resolve));
    }
    if (res.destroyed) return;
    writeHead(response, res);
    res.end();
  } finally {
    res.off('close', onClose);
  }
}

function writeHead(response: ResponseCarrier, res: NodeResponse): void {
  if (res.headersSent) return;
  takeOver(response as Framework, res);
  for (const [name, value] of Object.entries(SSE_HEADERS)) res.setHeader(name, value);
  res.flushHeaders();
}

interface Framework {
  hijack?(): unknown;
  getHeaders?(): Record<string, string>;
  respond?: boolean;
  status?: unknown;
}

/** Tells the framework that nothing is left for it to send. */
function takeOver(framework: Framework, res: NodeResponse): void {
  if (typeof framework.hijack === 'function') {
    // Headers that Fastify's plugins have set, as of CORS, would be lost.
    for (const [name, value] of Object.entries(framework.getHeaders?.() ?? {})) res.setHeader(name, value);
    framework.hijack();
  } else if (framework.respond !== false && 'res' in framework && typeof framework.status === 'number') {
    framework.respond = false;
    // Koa's status of a context without a body.
    if (framework.status === 404) framework.status = 200;
  }
}
