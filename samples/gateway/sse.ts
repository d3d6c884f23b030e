import { toApiError } from './api-error.js';

export const SSE_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  // Tells proxies such as nginx to pass every event on at once.
  'x-accel-buffering': 'no',
  // Without it the Node adapter holds the headers back to see whether the body ends at once.
  'transfer-encoding': 'chunked',
};

const encoder = new TextEncoder();

/**
 * The items of an iterable as server-sent events, the way OpenAI sends them: a `data:` line each, `[DONE]` at the end.
 *
 * An item is asked for only when the socket takes one, so a slow client slows its model down. When the client leaves,
 * the runtime cancels the body and the iterator is told to return. A failure after the first byte can no longer change
 * the status: it becomes an event with an `error`, which OpenAI's clients throw.
 */
export function sseBody(items: AsyncIterable<unknown>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const iterator = items[Symbol.asyncIterator]();
  let left = false;

  async function nextEvent(): Promise<{ data: string; last: boolean }> {
    try {
      const { done, value } = await iterator.next();
      return done ? { data: '[DONE]', last: true } : { data: JSON.stringify(value), last: false };
    } catch (error) {
      return { data: left ? '' : JSON.stringify(toApiError(error).body()), last: true };
    }
  }

  return new ReadableStream(
    {
      async pull(controller) {
        const { data, last } = await nextEvent();
        if (left) return;
        controller.enqueue(encoder.encode(`data: ${data}\n\n`));
        if (last) controller.close();
      },
      async cancel() {
        left = true;
        await iterator.return?.();
      },
    },
    // No reading ahead: an item that nobody asked for is a token generated for nobody.
    { highWaterMark: 0 },
  );
}
