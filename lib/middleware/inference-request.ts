import type { AbortSignalLike } from '../call/cancellation.js';
import { fields } from '../extraction/payload.js';

declare const TextDecoder: new () => { decode(bytes?: unknown): string };

/** A request for inference, as a middleware's selectors get it. */
export interface InferenceRequest<Raw = unknown> {
  /** As in `POST`. */
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** By the route table; undefined where the option `endpointType` says it. */
  readonly endpointType: string | undefined;
  /** The parsed body; undefined as long as nobody has read it. Selectors are asked again once it is known. */
  body: unknown;
  /** The model that is asked for, by the body, else by the path. */
  model: string | undefined;
  /** Whether the body asks for a stream. */
  stream: boolean | undefined;
  /** The framework's own request. */
  readonly raw: Raw;
  /** Aborted when the client leaves, where the platform has it. */
  readonly signal?: AbortSignalLike | undefined;
}

/** Takes in a body that has been read. False: there is nothing in it that a request would say. */
export function learnBody(request: InferenceRequest, body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false;
  request.body = body;
  const { model, stream } = fields<'model' | 'stream'>(body);
  if (typeof model === 'string' && model !== '') request.model = model;
  if (typeof stream === 'boolean') request.stream = stream;
  return true;
}

/** The object in a body that may still be text or bytes; undefined where there is none, or it is over the limit. */
export function parsedBody(body: unknown, maxLength: number): unknown {
  if (typeof body === 'object' && body !== null && !isBytes(body)) return body;
  try {
    if (typeof body === 'string') return body.length <= maxLength ? JSON.parse(body) : undefined;
    if (!isBytes(body) || body.byteLength > maxLength) return undefined;
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined; // The handler will say what it thinks of it.
  }
}

function isBytes(body: unknown): body is { readonly byteLength: number } {
  return ArrayBuffer.isView(body) || body instanceof ArrayBuffer;
}

/** Whether a content type is that of JSON, which is what inference is asked for in. */
export function isJsonType(contentType: unknown): boolean {
  return typeof contentType === 'string' && /^[^;]*[/+]json\s*(;|$)/i.test(contentType);
}
