import type { Observer } from '../call/observer.js';
import { AUDIENCE, Audience } from './audience.js';
import { followIterator, IteratorFollower, type Step } from './iterator.js';
import { overlay } from './overlay.js';
import { passThrough, readsThroughMethods, type WebReader, type WebStream } from './pass-through.js';
import type { ReturnKind } from './return-kind.js';

type Followed = WebStream & { [AUDIENCE]: WebStreamAudience };
type FollowedReader = WebReader & { [AUDIENCE]: ReaderFollower };

/**
 * The web's ReadableStream, of objects or bytes, and what extends it: Mistral's EventStream, LangChain's
 * IterableReadableStream.
 *
 * It stays the same object where the runtime itself reads a stream through its methods, as Node does. Elsewhere
 * `new Response(stream)` would go past them, so a plain one gives a new stream that pulls it through; one of a subclass
 * stays, for its helpers.
 */
export const webStream: ReturnKind<WebStream> = {
  recognizes(value): value is WebStream {
    return typeof (value as Partial<WebStream>).getReader === 'function';
  },
  follow(value, { observer }) {
    const { ReadableStream } = globalThis as { ReadableStream?: { prototype: object } };
    const isPlain = Object.getPrototypeOf(value) === ReadableStream?.prototype;
    const staysItself = Object.isExtensible(value) && (!isPlain || readsThroughMethods());
    const audience = new WebStreamAudience(observer, value);
    const followed = overlay(value, {
      [AUDIENCE]: audience,
      getReader: followedGetReader,
      cancel: followedCancel,
      tee: followedTee,
      pipeTo: followedPipeTo,
      pipeThrough: followedPipeThrough,
      ...(audience.values !== undefined && { values: followedIterate }),
      ...(audience.iterate !== undefined && { [Symbol.asyncIterator]: followedIterate }),
    });
    audience.introduce(observer);
    if (staysItself) return followed;
    return overlay(passThrough(followed, audience.isOfBytes()).stream, { [AUDIENCE]: audience });
  },
};

function followedGetReader(this: Followed, ...args: unknown[]): WebReader {
  return this[AUDIENCE].getReader(args);
}

function followedCancel(this: Followed, ...args: unknown[]): Promise<void> {
  return this[AUDIENCE].cancel(args);
}

function followedIterate(this: Followed, ...args: unknown[]): AsyncIterator<unknown> {
  return this[AUDIENCE].iterateAll(args);
}

function followedTee(this: Followed): WebStream[] {
  return passThrough(this, this[AUDIENCE].isOfBytes()).stream.tee();
}

async function followedPipeTo(this: Followed, ...args: unknown[]): Promise<void> {
  const { stream, reader } = passThrough(this, this[AUDIENCE].isOfBytes());
  try {
    await stream.pipeTo(...args);
  } finally {
    reader.releaseLock();
  }
}

function followedPipeThrough(this: Followed, ...args: unknown[]): unknown {
  return passThrough(this, this[AUDIENCE].isOfBytes()).stream.pipeThrough(...args);
}

function followedRead(this: FollowedReader, ...args: unknown[]): unknown {
  return this[AUDIENCE].pull(args);
}

function followedReaderCancel(this: FollowedReader, ...args: unknown[]): unknown {
  const follower = this[AUDIENCE];
  try {
    return follower.step(follower.cancel, args);
  } finally {
    follower.left();
  }
}

function followedReleaseLock(this: FollowedReader): unknown {
  const follower = this[AUDIENCE];
  follower.isReleased = true;
  return follower.step(follower.releaseLock, []);
}

class ReaderFollower extends IteratorFollower {
  readonly cancel: Step;
  readonly releaseLock: Step;
  isReleased = false;

  constructor(reader: WebReader, observer: Observer) {
    super(reader, observer, undefined, { next: reader.read as Step });
    this.cancel = reader.cancel as Step;
    this.releaseLock = reader.releaseLock as Step;
  }

  /** Once the reader has let go of its stream, what fails is not the stream. */
  override failed(error: unknown): void {
    if (!this.isReleased) super.failed(error);
  }
}

class WebStreamAudience extends Audience {
  readonly values: Step | undefined;
  readonly iterate: Step | undefined;
  readonly #stream: WebStream;
  readonly #getReader: Step;
  readonly #cancel: Step;
  #readers = 0;

  constructor(observer: Observer, stream: WebStream) {
    super(observer, stream);
    this.#stream = stream;
    this.#getReader = stream.getReader as Step;
    this.#cancel = stream.cancel as Step;
    this.values = stream.values as Step | undefined;
    this.iterate = stream[Symbol.asyncIterator] as Step | undefined;
  }

  isOfBytes(): boolean {
    try {
      (this.#getReader.call(this.#stream, { mode: 'byob' }) as WebReader).releaseLock();
      return true;
    } catch {
      return false; // Or it is locked: whoever asks for more will be told.
    }
  }

  /** A reader stays the runtime's own too: of bytes, with a buffer to read into, or not. */
  getReader(args: unknown[]): WebReader {
    const reader = this.#getReader.apply(this.#stream, args) as WebReader;
    this.#readers++;
    // What the consumer must hold is the stream again, if it was an iterator before.
    this.handsOut(this.#stream);
    return overlay(reader, {
      [AUDIENCE]: new ReaderFollower(reader, this),
      read: followedRead,
      cancel: followedReaderCancel,
      releaseLock: followedReleaseLock,
    });
  }

  iterateAll(args: unknown[]): AsyncIterator<unknown> {
    const before = this.#readers;
    const pass = (this.iterate as Step).apply(this.#stream, args) as AsyncIterator<unknown> & object;
    // A subclass may iterate by a reader of its own, which is followed already.
    if ((pass as unknown) === this.#stream || this.#readers !== before) return pass;
    const { preventCancel } = (args[0] ?? {}) as { preventCancel?: unknown };
    return followIterator(pass, this, { keepsOpen: preventCancel === true });
  }

  cancel(args: unknown[]): Promise<void> {
    const isLocked = this.#stream.locked;
    const done = this.#cancel.apply(this.#stream, args) as Promise<void>;
    if (!isLocked) this.left();
    return done;
  }
}
