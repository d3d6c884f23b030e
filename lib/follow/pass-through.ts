/** As much of a ReadableStream as is used. */
export interface WebStream {
  readonly locked: boolean;
  getReader(...args: unknown[]): WebReader;
  cancel(...args: unknown[]): Promise<void>;
  tee(): WebStream[];
  pipeTo(...args: unknown[]): Promise<void>;
  pipeThrough(...args: unknown[]): unknown;
  values?(...args: unknown[]): AsyncIterator<unknown>;
  [Symbol.asyncIterator]?(...args: unknown[]): AsyncIterator<unknown>;
}

/** As much of its readers as is used. */
export interface WebReader {
  read(...args: unknown[]): Promise<{ done: boolean; value?: unknown }>;
  cancel(reason?: unknown): Promise<void>;
  releaseLock(): void;
}

interface Controller {
  readonly byobRequest?: { respond(bytes: number): void } | null;
  enqueue(chunk: unknown): void;
  close(): void;
}

declare const ReadableStream: new (
  source: {
    type?: 'bytes' | undefined;
    pull(controller: Controller): Promise<void>;
    cancel(reason: unknown): Promise<void>;
  },
  strategy: { highWaterMark: number },
) => WebStream;

/**
 * A stream that pulls another one through, and holds nothing: it asks for a chunk when it is asked for one.
 *
 * The reading goes through the other's own `getReader`, so that whoever follows that one hears of it.
 */
export function passThrough(source: WebStream, isOfBytes: boolean): { stream: WebStream; reader: WebReader } {
  const reader = source.getReader();
  const stream = new ReadableStream(
    {
      type: isOfBytes ? 'bytes' : undefined,
      async pull(controller) {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        controller.close();
        controller.byobRequest?.respond(0);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  return { stream, reader };
}

/**
 * Whether this runtime reads a stream through its methods, as Node does in `Response`, `fetch` and its own streams.
 * Others, as Deno, Bun, Workers and browsers, reach inside, also where they state the versions of the Node they imitate.
 */
export function readsThroughMethods(): boolean {
  const { process, navigator } = globalThis as {
    process?: { versions?: Record<string, string | undefined> };
    navigator?: { userAgent?: string };
  };
  const { undici, bun, deno } = process?.versions ?? {};
  const isWorkers = navigator?.userAgent === 'Cloudflare-Workers';
  return undici !== undefined && bun === undefined && deno === undefined && !isWorkers;
}
