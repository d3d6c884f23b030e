import type { AbortSignalLike } from '../call/cancellation.js';
import type { Observer } from '../call/observer.js';
import { AUDIENCE, Audience } from './audience.js';
import { type BodyReader, bodyReader } from './body.js';
import { overlay } from './overlay.js';
import type { FollowContext, ReturnKind } from './return-kind.js';

export interface FetchResponse {
  readonly body: object | null | undefined;
  readonly bodyUsed: boolean;
  readonly status: number;
  readonly statusText: string;
  readonly headers: { get(name: string): string | null };
}

declare const Response: new (body: unknown, init: object) => object;

/** What a response that is made anew would lose of the old one. */
const PROVENANCE = ['url', 'type', 'redirected'] as const;

/**
 * The Response of `fetch`, of whichever implementation. Its body is followed as the stream that it is, and read on the
 * way: Server-Sent Events and NDJSON as a stream of chunks, JSON as one response, once it is complete.
 */
export const fetchResponse: ReturnKind<FetchResponse> = {
  recognizes(value): value is FetchResponse {
    return (
      typeof (value as { arrayBuffer?: unknown }).arrayBuffer === 'function' &&
      typeof (value as Partial<FetchResponse>).headers?.get === 'function'
    );
  },
  follow: (value, context) =>
    followResponse(value, context, (onItem) => bodyReader(value.headers.get('content-type'), onItem)),
};

/** Follows a response, and reads its body with what `makeReader` makes; that is told each item of a stream. */
export function followResponse(
  value: FetchResponse,
  { observer, follow }: Pick<FollowContext, 'observer' | 'follow'>,
  makeReader: (onItem: (item: unknown) => void) => BodyReader,
): object {
  const { body, status, bodyUsed } = value;
  if (status >= 400) observer.failed(value);
  if (typeof body !== 'object' || body === null || bodyUsed || status >= 400) {
    observer.value(undefined);
    return value;
  }
  const audience = new BodyAudience(observer, body, makeReader);
  const followed = follow(body, audience);
  if (followed === body) return overlay(value, { [AUDIENCE]: audience });
  // A stream of its own class stands for the body: only a new response can have it.
  const { statusText, headers } = value;
  const kept = Object.fromEntries(PROVENANCE.map((key) => [key, (value as unknown as Record<string, unknown>)[key]]));
  return overlay(new Response(followed, { status, statusText, headers }), { ...kept, [AUDIENCE]: audience });
}

/** Stands between a body and who hears of the response: hears bytes, tells chunks. */
class BodyAudience extends Audience {
  readonly #reader: BodyReader;

  constructor(observer: Observer, body: object, makeReader: Parameters<typeof followResponse>[2]) {
    super(observer, body);
    this.#reader = makeReader((item) => super.item(item));
  }

  override introduce(observer: Observer): void {
    if (this.#reader.isStream) observer.handsOut(this.target);
    else observer.waitsFor(this.target);
  }

  override handsOut(source: object): void {
    if (this.#reader.isStream) super.handsOut(source);
    else super.waitsFor(source);
  }

  override item(bytes: unknown): void {
    this.#reader.feed(bytes);
  }

  override ended(signal?: AbortSignalLike): void {
    const response = this.#reader.end();
    if (this.#reader.isStream) super.ended(signal);
    else super.value(response);
  }
}
