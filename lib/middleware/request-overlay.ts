import { follow } from '../follow/follow.js';
import { overlay } from '../follow/overlay.js';
import { readsThroughMethods } from '../follow/pass-through.js';
import { isJsonType, parsedBody } from './inference-request.js';
import { RequestBody } from './request-body.js';

/** As much of a web Request as is used. */
export interface WebRequest {
  /** Only POST requests are looked up among the routes. */
  readonly method: string;
  /** The whole URL; its path is what the routes are about. */
  readonly url: string;
  /** Its content type tells whether the body is JSON. */
  readonly headers: { get(name: string): string | null };
}

type Read = (this: unknown) => Promise<unknown>;
type Readers = { readonly [name in 'json' | 'text' | 'arrayBuffer' | 'bytes' | 'formData']?: Read } & {
  readonly clone?: (this: unknown) => WebRequest;
};

/**
 * Tells the body of a web Request when the handler has read it, by whichever of its methods. The request stays the same
 * object and the body is read once: a `clone()` would hold it twice and read it for nobody.
 *
 * A request that is handed to `fetch` or to `new Request` as a whole is read inside the platform, unseen but for Node's
 * `new Request(url, request)`.
 */
export function overlayRequest<R extends WebRequest>(
  request: R,
  maxLength: number,
  onBody: (body: unknown) => void,
): R {
  const isJson = isJsonType(request.headers.get('content-type'));
  const own = request as Readers;
  const { clone } = own;
  let isInside = false;

  const reads = (name: keyof Readers, bodyOf: (read: unknown) => unknown): object => {
    const read = own[name] as Read | undefined;
    if (typeof read !== 'function') return {};
    const followed = function (this: unknown): Promise<unknown> {
      // One method may be made of another, whose part of the work need not be done twice.
      const isOuter = !isInside;
      isInside = true;
      try {
        const result = read.call(request);
        return isOuter ? result.then((value) => tell(bodyOf(value), value)) : result;
      } finally {
        if (isOuter) isInside = false;
      }
    };
    return { [name]: followed };
  };
  const tell = <T>(body: unknown, value: T): T => {
    onBody(body);
    return value;
  };
  const parsed = (read: unknown): unknown => (isJson ? parsedBody(read, maxLength) : undefined);

  overlay(request, {
    ...reads('json', (value) => value),
    ...reads('text', parsed),
    ...reads('arrayBuffer', parsed),
    ...reads('bytes', parsed),
    ...reads('formData', formBody),
    ...(clone && { clone: () => overlayRequest(clone.call(request), maxLength, onBody) }),
  });
  if (isJson && readsThroughMethods()) overlayBody(request, maxLength, onBody);
  return request;
}

/** A proxy passes the stream itself on. Where the platform reads streams past their methods, that is unseen too. */
function overlayBody(request: WebRequest, maxLength: number, onBody: (body: unknown) => void): void {
  let followed: { readonly body: unknown } | undefined;
  const prototype: object = Object.getPrototypeOf(request);
  Object.defineProperty(request, 'body', {
    configurable: true,
    get() {
      if (followed !== undefined) return followed.body;
      const body: unknown = Reflect.get(prototype, 'body', request);
      const { locked } = (body ?? { locked: true }) as { locked: boolean };
      if (locked || (request as { bodyUsed?: boolean }).bodyUsed === true) return body;
      followed = { body: follow(body, new RequestBody(maxLength, onBody)) };
      return followed.body;
    },
  });
}

function formBody(form: unknown): unknown {
  const { get } = (form ?? {}) as { get?(name: string): unknown };
  if (typeof get !== 'function') return undefined;
  return { model: get.call(form, 'model'), stream: get.call(form, 'stream') === 'true' };
}
