/** How items become Server-Sent Events. */
export interface SseOptions<T = unknown> {
  /** The text of an event's data. @default a string as it is, anything else as JSON */
  data?: ((item: T) => string) | undefined;
  /** The name of an event, as Anthropic's protocol wants it. @default none */
  event?: ((item: T) => string | undefined) | undefined;
  /** Data of one last event after a stream that ended well; false for none. @default '[DONE]' */
  done?: string | false | undefined;
  /**
   * What to say in an event when the items fail midway, where the status can no longer tell; clients of OpenAI throw
   * it. Also the place to log. @default an `error` object without details
   */
  error?: ((error: unknown) => unknown) | undefined;
}

export const SSE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  // Tells proxies such as nginx to pass every event on at once.
  'x-accel-buffering': 'no',
};

type Iteration<T> = AsyncIterator<T> | Iterator<T>;

/** The events of some items, one after the other, and a way to leave. */
export class SseEvents<T> {
  readonly #iterator: Iteration<T>;
  readonly #options: SseOptions<T>;
  readonly #controller: { abort?(): void } | undefined;
  #isOver = false;

  constructor(items: AsyncIterable<T> | Iterable<T>, options: SseOptions<T>) {
    this.#options = options;
    this.#controller = (items as { controller?: { abort?(): void } }).controller;
    this.#iterator =
      Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : (items as Iterable<T>)[Symbol.iterator]();
  }

  /** The next event, or undefined at the end. Throws what the items throw before the first one. */
  async next(isFirst: boolean): Promise<string | undefined> {
    if (this.#isOver) return undefined;
    const { data = textOf, event, done = '[DONE]' } = this.#options;
    try {
      const step = await this.#iterator.next();
      if (!step.done) return eventText(data(step.value), event?.(step.value));
      this.#isOver = true;
      return done === false ? undefined : eventText(done);
    } catch (error) {
      // Whoever left gets nothing more, also not what their leaving brought about.
      if (this.#isOver) return undefined;
      this.#isOver = true;
      if (isFirst) throw error;
      return eventText(
        textOf(this.#options.error?.(error) ?? { error: { message: 'The stream failed.', type: 'server_error' } }),
      );
    }
  }

  /** Closes the source of the items. One that waits for its provider is told at once by its controller, if it has one. */
  leave(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const closing = this.#iterator.return?.();
    // How the source takes it is of no interest to who has left.
    if (closing instanceof Promise) closing.catch(() => {});
    this.#controller?.abort?.();
  }
}

function textOf(item: unknown): string {
  return typeof item === 'string' ? item : JSON.stringify(item);
}

function eventText(data: string, event?: string): string {
  const name = event === undefined ? '' : `event: ${event}\n`;
  return `${name}data: ${/[\r\n]/.test(data) ? data.split(/\r\n|\r|\n/).join('\ndata: ') : data}\n\n`;
}
