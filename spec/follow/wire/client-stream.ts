import type { Dialect } from './dialects.js';

/** A way in which a router gets a stream from a client that is used for real, and how its consumer reads that. */
export interface ClientStream {
  readonly dialect: Dialect;
  open(url: string, signal: AbortSignal): unknown;
  /** What is iterated, where that is not what `open` gave. */
  items?(opened: never): AsyncIterable<unknown>;
  /** Whether the client closes the connection when its consumer breaks. */
  readonly breakCloses: boolean;
  /** Whether the client reads the stream by itself, consumer or not. */
  readonly readsByItself?: boolean;
  /** Whether nothing is sent before the consumer asks for the first item. */
  readonly isLazy?: boolean;
  /** Whether the connection keeps an unread stream. */
  readonly isHeldBySocket?: boolean;
  /** Whether the items are the bytes as they came, in which no error of the backend's is looked for. */
  readonly passesBytes?: boolean;
  /** Whether what its consumer gets states no tokens. */
  readonly statesNoTokens?: boolean;
  /** Whether the client is there, and runs on this Node. */
  readonly isThere?: boolean;
}

/** What a client of OpenAI's, or one after its pattern, is asked. */
export const request = { model: 'm', messages: [{ role: 'user' as const, content: 'hi' }] };
export const key = { apiKey: 'k', maxRetries: 0 };
