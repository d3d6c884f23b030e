import { SSE_HEADERS, SseEvents, type SseOptions } from './sse-events.js';

/** The platform's own Response, where its types are known. */
type PlatformResponse = typeof globalThis extends { Response: { prototype: infer Platform } } ? Platform : object;

interface Controller {
  enqueue(bytes: unknown): void;
  close(): void;
}

declare const Response: new (body: unknown, init: object) => PlatformResponse;
declare const TextEncoder: new () => { encode(text: string): unknown };
declare const ReadableStream: new (
  source: { pull(controller: Controller): Promise<void>; cancel(): void },
  strategy: { highWaterMark: number },
) => object;

/**
 * A web Response that sends items as Server-Sent Events, for Hono, Next, Bun, Deno, Workers, Nest.
 *
 * An item is asked for when the client takes one, so a slow client slows its model down. When the client leaves, the
 * source is closed. Items that fail midway end in an `error` event.
 */
export function sseResponse<T>(items: AsyncIterable<T> | Iterable<T>, options: SseOptions<T> = {}): PlatformResponse {
  const events = new SseEvents(items, options);
  const encoder = new TextEncoder();
  let isFirst = true;
  const body = new ReadableStream(
    {
      async pull(controller) {
        const event = await events.next(isFirst);
        isFirst = false;
        if (event === undefined) controller.close();
        else controller.enqueue(encoder.encode(event));
      },
      cancel: () => events.leave(),
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: SSE_HEADERS });
}
