import type { AbortSignalLike } from '../call/cancellation.js';
import type { Observer } from '../call/observer.js';
import { AUDIENCE, Audience } from './audience.js';
import { overlay } from './overlay.js';
import type { ReturnKind } from './return-kind.js';
import { hasController } from './sdk-stream.js';

interface EmitterStream {
  on(event: string, listener: (value: unknown) => void): unknown;
  _emit?(event: string, ...args: unknown[]): unknown;
  readonly controller: { readonly signal: AbortSignalLike };
  readonly ended?: boolean;
  readonly errored?: boolean;
}

/** The raw chunks of OpenAI's ChatCompletionStream, Anthropic's MessageStream, and OpenAI's ResponseStream. */
const CHUNK_EVENTS = ['chunk', 'streamEvent', 'event'] as const;

/**
 * The event emitters behind `client.chat.completions.stream()`, `responses.stream()` and `messages.stream()`. They read
 * by themselves, whether or not somebody consumes them.
 *
 * Nobody listens to 'error' or 'abort' here, nor asks for `done()` or `final…()`: each of them would silence the
 * rejection that tells of an error nobody handles. How the stream failed is seen as it emits that.
 */
export const emitterStream: ReturnKind<EmitterStream> = {
  recognizes(value): value is EmitterStream {
    return hasController(value) && typeof (value as Partial<EmitterStream>).on === 'function';
  },
  follow(value, { observer }) {
    const audience = new EmitterAudience(observer, value);
    const emit = value._emit;
    const followed = overlay(value, {
      [AUDIENCE]: audience,
      ...(typeof emit === 'function' && {
        _emit(this: unknown, event: string, ...args: unknown[]): unknown {
          if (event === 'error' || event === 'abort') audience.failed(args[0]);
          return emit.call(value, event, ...args);
        },
      }),
    });
    for (const event of CHUNK_EVENTS) value.on(event, (chunk) => audience.push(chunk));
    value.on('end', () => audience.close());
    audience.introduce(observer);
    return followed;
  },
};

class EmitterAudience extends Audience {
  readonly #stream: EmitterStream;

  constructor(observer: Observer, stream: EmitterStream) {
    super(observer, stream);
    this.#stream = stream;
  }

  override introduce(observer: Observer): void {
    super.introduce(observer);
    if (this.#stream.ended === true) this.close();
    else this.pulling();
  }

  push(chunk: unknown): void {
    this.item(chunk);
    this.pulling();
  }

  close(): void {
    if (this.#stream.errored === true) this.failed(undefined);
    else this.ended(this.#stream.controller.signal);
  }
}
