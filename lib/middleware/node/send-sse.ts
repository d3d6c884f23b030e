import { type Items, SSE_HEADERS, SseEvents, type SseOptions } from '../sse-events.js';
import { isComplete, type NodeResponse, nodeResponseOf, type ResponseCarrier } from './http-messages.js';

/**
 * Sends items to a response of Node as Server-Sent Events, at the pace at which the client takes them. When the client
 * leaves, the source is closed.
 *
 * Resolves when all is sent or the client has left. Rejects with what the items throw before the first of them, while
 * nothing has been sent and the framework can still answer with an error; if they fail later, an `error` event is sent.
 *
 * Takes Node's response, Fastify's reply (after `reply.hijack()`), Koa's context (with `ctx.respond = false`) or Nest's response.
 */
export async function sendSse<T>(
  response: ResponseCarrier,
  items: Items<T>,
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
      if (isFirst) writeHead(res);
      if (!res.write(event)) await orGone<void>((resolve) => res.once('drain', resolve));
    }
    if (res.destroyed) return;
    writeHead(res);
    res.end();
  } finally {
    res.off('close', onClose);
  }
}

function writeHead(res: NodeResponse): void {
  if (res.headersSent) return;
  for (const [name, value] of Object.entries(SSE_HEADERS)) res.setHeader(name, value);
  res.flushHeaders();
}
