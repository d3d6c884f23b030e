import { follow } from '../follow/follow.js';
import { overlay, type SharedMembers, sharedMembers } from '../follow/overlay.js';
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

const READING = Symbol('track-inference.request');

interface Followed extends WebRequest {
  [READING]: Reading;
}

/** What is known of one request while it is read, and who hears of its body. */
class Reading {
  /** One method may be made of another, whose part of the work need not be done twice. */
  isInside = false;
  body: { readonly followed: unknown } | undefined;

  constructor(
    readonly maxLength: number,
    public onBody: (body: unknown) => void,
  ) {}
}

/** How the body shows in what a method of a request gives. */
const METHODS: Readonly<Record<string, (read: unknown, request: Followed) => unknown>> = {
  json: (value) => value,
  text: parsedIfJson,
  arrayBuffer: parsedIfJson,
  bytes: parsedIfJson,
  formData: formBody,
};

/** What requests get, by what they inherit their own from: made for each of them, it would cost more than all the rest. */
const readers = /* @__PURE__ */ new WeakMap<object, SharedMembers>();

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
  const known = (request as Partial<Followed>)[READING];
  if (known !== undefined) {
    const { onBody: before } = known;
    known.onBody = (body) => {
      before(body);
      onBody(body);
    };
    return request;
  }
  return overlay(request, { [READING]: new Reading(maxLength, onBody) }, readersOver(Object.getPrototypeOf(request)));
}

function readersOver(prototype: object): SharedMembers {
  const known = readers.get(prototype);
  if (known !== undefined) return known;
  const { clone } = prototype as { clone?: (this: unknown) => WebRequest };
  const methods = Object.entries(METHODS).map(([name, bodyOf]) => followedRead(prototype, name, bodyOf));
  const over: SharedMembers = [
    ...sharedMembers(Object.assign({}, ...methods, clone && followedClone(clone))),
    ...(readsThroughMethods() ? ([['body', followedBody(prototype)]] as const) : []),
  ];
  readers.set(prototype, over);
  return over;
}

function followedRead(prototype: object, name: string, bodyOf: (read: unknown, request: Followed) => unknown): object {
  const read = (prototype as Record<string, Read | undefined>)[name];
  if (typeof read !== 'function') return {};
  const followed = function (this: Followed): Promise<unknown> {
    const reading = this[READING];
    if (reading.isInside) return read.call(this);
    reading.isInside = true;
    try {
      return read.call(this).then((value) => {
        reading.onBody(bodyOf(value, this));
        return value;
      });
    } finally {
      reading.isInside = false;
    }
  };
  return { [name]: followed };
}

function followedClone(clone: (this: unknown) => WebRequest): object {
  return {
    clone(this: Followed) {
      const { maxLength, onBody } = this[READING];
      return overlayRequest(clone.call(this), maxLength, onBody);
    },
  };
}

/** A proxy passes the stream itself on. Where the platform reads streams past their methods, that is unseen too. */
function followedBody(prototype: object): PropertyDescriptor {
  return {
    configurable: true,
    get(this: Followed & { readonly bodyUsed?: boolean }) {
      const body: unknown = Reflect.get(prototype, 'body', this);
      const reading = this[READING];
      if (reading.body !== undefined) return reading.body.followed;
      const { locked } = (body ?? { locked: true }) as { locked: boolean };
      if (locked || this.bodyUsed === true || !isJson(this)) return body;
      reading.body = { followed: follow(body, new RequestBody(reading.maxLength, (read) => reading.onBody(read))) };
      return reading.body.followed;
    },
  };
}

function isJson(request: WebRequest): boolean {
  return isJsonType(request.headers.get('content-type'));
}

function parsedIfJson(read: unknown, request: Followed): unknown {
  return isJson(request) ? parsedBody(read, request[READING].maxLength) : undefined;
}

function formBody(form: unknown): unknown {
  const { get } = (form ?? {}) as { get?(name: string): unknown };
  if (typeof get !== 'function') return undefined;
  return { model: get.call(form, 'model'), stream: get.call(form, 'stream') === 'true' };
}
