import type { Observer } from '../call/observer.js';
import { AUDIENCE, Audience } from './audience.js';
import { overlay } from './overlay.js';
import type { ReturnKind } from './return-kind.js';

interface NodeReadable {
  emit(event: string | symbol, ...args: unknown[]): boolean;
  destroy(error?: unknown, ...args: unknown[]): unknown;
  readonly readableEnded: boolean;
  readonly destroyed: boolean;
  readonly errored?: unknown;
  readonly req?: { readonly aborted?: boolean };
}

type Followed = NodeReadable & { [AUDIENCE]: ReadableAudience };

/**
 * Node's Readable, and what extends it: a Transform, an IncomingMessage.
 *
 * Whichever way it is consumed, by `for await`, `pipe`, 'data', 'readable' or `toWeb`, each chunk and the end are
 * emitted, so what it emits is heard on its way. No listener is added: one for 'data' would set it flowing, one for
 * 'error' would keep an error that nobody handles from ending the process.
 */
export const nodeReadable: ReturnKind<NodeReadable> = {
  recognizes(value): value is NodeReadable {
    return (
      typeof (value as { _readableState?: unknown })._readableState === 'object' &&
      typeof (value as Partial<NodeReadable>).emit === 'function'
    );
  },
  follow(value, { observer }) {
    const audience = new ReadableAudience(observer, value);
    const followed = overlay(value, { [AUDIENCE]: audience, emit: followedEmit, destroy: followedDestroy });
    audience.introduce(observer);
    return followed;
  },
};

function followedEmit(this: Followed, event: string | symbol, ...args: unknown[]): boolean {
  const audience = this[AUDIENCE];
  switch (event) {
    case 'data':
      audience.item(args[0]);
      audience.pulling();
      break;
    case 'end':
      audience.ended();
      break;
    case 'error':
      audience.erred(args[0]);
      break;
    case 'close':
      audience.left();
  }
  return audience.emit.apply(this, [event, ...args]);
}

/** A consumer's leaving: some streams, as an IncomingMessage, then emit an error of their own. */
function followedDestroy(this: Followed, error?: unknown, ...args: unknown[]): unknown {
  const audience = this[AUDIENCE];
  if (error === undefined || error === null) audience.left();
  return audience.destroy.apply(this, [error, ...args]);
}

class ReadableAudience extends Audience {
  readonly emit: NodeReadable['emit'];
  readonly destroy: NodeReadable['destroy'];
  readonly #stream: NodeReadable;

  constructor(observer: Observer, stream: NodeReadable) {
    super(observer, stream);
    this.emit = stream.emit;
    this.destroy = stream.destroy;
    this.#stream = stream;
  }

  override introduce(observer: Observer): void {
    super.introduce(observer);
    const { readableEnded, errored, destroyed } = this.#stream;
    if (readableEnded) this.ended();
    else if (errored) this.erred(errored);
    else if (destroyed) this.left();
    else this.pulling();
  }

  /**
   * A consumer's leaving comes as an error too: of `pipeline`, whose other end closed; as the reason of a web stream's
   * `cancel`, which is rarely an Error; of an HTTP client's response, whose request `break` aborts.
   */
  erred(error: unknown): void {
    const isLeaving =
      typeof error !== 'object' ||
      error === null ||
      (error as { code?: unknown }).code === 'ERR_STREAM_PREMATURE_CLOSE' ||
      this.#stream.req?.aborted === true;
    if (isLeaving) this.left();
    else this.failed(error);
  }
}
