/** As much of Node's IncomingMessage, of HTTP 1 or 2, as is used. */
export interface NodeRequest {
  /** Only POST requests are looked up among the routes. */
  readonly method?: string | undefined;
  /** Path and query. */
  readonly url?: string | undefined;
  /** By name in lower case: type, encoding and length of the body are looked at. */
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  /** Whether the body has been read. */
  readonly readableEnded?: boolean;
  /** Hands events to listeners; those of the body run as part of the tracked call. */
  emit(event: string | symbol, ...args: unknown[]): boolean;
  /** Where a body parser puts what it read. */
  body?: unknown;
  /** Express's and Connect's: the whole URL, where `url` is what is left of it below a mount point. */
  readonly originalUrl?: string;
}

/** As much of Node's ServerResponse, of HTTP 1 or 2, as is used. */
export interface NodeResponse {
  /** 400 and above makes an error of the call. */
  readonly statusCode: number;
  /** Whether the head is on its way, and the status final. */
  readonly headersSent: boolean;
  /** Whether the connection is gone. */
  readonly destroyed: boolean;
  /** Whether `end` was called. */
  readonly writableEnded: boolean;
  /** Whether everything was handed to the system; absent from HTTP 2. */
  readonly writableFinished?: boolean;
  /** What it was destroyed with, if anything. */
  readonly errored?: unknown;
  /** Tells a client that left from a server that cut the answer. */
  readonly socket?: NodeSocket | null;
  /** Keeps the socket after the response has given it up. */
  readonly req?: { readonly socket?: NodeSocket | null };
  /** Of HTTP 2. */
  readonly stream?: { readonly aborted?: boolean };
  /** Sends a part of the body; false asks to wait for 'drain'. */
  write(...args: unknown[]): boolean;
  /** Sends the last part of the body. */
  end(...args: unknown[]): unknown;
  /** Sends the head. */
  writeHead(...args: unknown[]): unknown;
  /** A header that was set; undefined for one that was not. */
  getHeader(name: string): unknown;
  /** Sets a header, as long as the head is not sent. */
  setHeader(name: string, value: string): unknown;
  /** Sends the head before there is a body. */
  flushHeaders(): unknown;
  /** Listens for 'close', by which a client that leaves is noticed. */
  on(event: string, listener: () => void): unknown;
  /** Listens no more. */
  off(event: string, listener: () => void): unknown;
  /** Listens for 'drain'. */
  once(event: string, listener: () => void): unknown;
}

/** As much of a connection as is looked at. */
export interface NodeSocket {
  /** Whether the client closed it. */
  readonly readableEnded?: boolean;
  /** What it broke with, as a reset. */
  readonly errored?: unknown;
}

/** A framework's response, with Node's inside it: Fastify's reply, Koa's context, Nest's on either platform. */
export type ResponseCarrier = NodeResponse | { readonly raw: NodeResponse } | { readonly res: NodeResponse };

export function nodeResponseOf(carrier: ResponseCarrier): NodeResponse {
  const { raw, res } = carrier as { readonly raw?: NodeResponse; readonly res?: NodeResponse };
  return (
    raw ?? (typeof (carrier as NodeResponse).write === 'function' ? (carrier as NodeResponse) : (res as NodeResponse))
  );
}

/** Whether all of a response is on its way. HTTP 2 emits 'finish' for one that was cut too. */
export function isComplete(res: NodeResponse): boolean {
  if (res.writableFinished !== undefined) return res.writableFinished;
  return res.writableEnded && res.stream?.aborted !== true;
}

/**
 * Whether the connection of an incomplete response was closed by the client. What this server closes itself, as a
 * framework does after an error midway, leaves the socket without an end and without an error of its own.
 */
export function isClientGone(res: NodeResponse): boolean {
  const socket = res.socket ?? res.req?.socket;
  if (socket?.readableEnded === undefined) return true;
  // An error of the system, as of a reset, and not one that somebody destroyed the socket with.
  return socket.readableEnded || (socket.errored as { syscall?: unknown } | null | undefined)?.syscall !== undefined;
}
