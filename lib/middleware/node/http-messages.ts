/** As much of Node's IncomingMessage, of HTTP 1 or 2, as is used. */
export interface NodeRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly readableEnded?: boolean;
  emit(event: string | symbol, ...args: unknown[]): boolean;
  /** Where a body parser puts what it read. */
  body?: unknown;
  /** Express's and Connect's: the whole URL, where `url` is what is left of it below a mount point. */
  readonly originalUrl?: string;
}

/** As much of Node's ServerResponse, of HTTP 1 or 2, as is used. */
export interface NodeResponse {
  readonly statusCode: number;
  readonly headersSent: boolean;
  readonly destroyed: boolean;
  readonly writableEnded: boolean;
  readonly writableFinished?: boolean;
  readonly errored?: unknown;
  readonly socket?: NodeSocket | null;
  readonly req?: { readonly socket?: NodeSocket | null };
  /** Of HTTP 2. */
  readonly stream?: { readonly aborted?: boolean };
  write(...args: unknown[]): boolean;
  end(...args: unknown[]): unknown;
  writeHead(...args: unknown[]): unknown;
  getHeader(name: string): unknown;
  setHeader(name: string, value: string): unknown;
  flushHeaders(): unknown;
  on(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
  once(event: string, listener: () => void): unknown;
}

interface NodeSocket {
  readonly readableEnded?: boolean;
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
