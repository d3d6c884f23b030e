import type { Observer } from '../call/observer.js';
import { AUDIENCE, audienceOf } from './audience.js';
import { overlay } from './overlay.js';
import { PromiseAudience } from './promise.js';
import type { FollowContext, ReturnKind } from './return-kind.js';

type Transform = (data: unknown, props: unknown) => unknown;

interface SdkPromise {
  parse(): Promise<unknown>;
  asResponse(): Promise<object>;
  _thenUnwrap(transform: Transform): SdkPromise;
}

type Followed = SdkPromise & { [AUDIENCE]: SdkPromiseAudience };

/**
 * The `APIPromise` of the SDKs of OpenAI, Anthropic, Groq, Together, llama-stack and their kin.
 *
 * It parses the body when somebody waits for it, and not before: a `then` of ours would do that in the caller's place,
 * and break an `asResponse()` after it. All that waits for the data goes through its `parse`.
 */
export const sdkPromise: ReturnKind<SdkPromise> = {
  recognizes(value): value is SdkPromise {
    const { _thenUnwrap, parse, asResponse } = value as Partial<SdkPromise>;
    return typeof _thenUnwrap === 'function' && typeof parse === 'function' && typeof asResponse === 'function';
  },
  follow: followSdkPromise,
};

function followSdkPromise(value: SdkPromise, context: FollowContext): SdkPromise {
  const audience = new SdkPromiseAudience(value, context);
  audience.introduce(context.observer);
  return overlay(value, {
    [AUDIENCE]: audience,
    parse: followedParse,
    asResponse: followedAsResponse,
    _thenUnwrap: followedThenUnwrap,
  });
}

function followedParse(this: Followed): Promise<unknown> {
  return this[AUDIENCE].parse();
}

function followedAsResponse(this: Followed): Promise<object> {
  return this[AUDIENCE].asResponse();
}

function followedThenUnwrap(this: Followed, transform: Transform): SdkPromise {
  return this[AUDIENCE].thenUnwrap(transform);
}

class SdkPromiseAudience extends PromiseAudience {
  readonly #promise: SdkPromise;
  readonly #own: SdkPromise;
  readonly #context: FollowContext;
  #parsed: Promise<unknown> | undefined;
  /** Whether the raw response was asked for before any parse of it: its body is then what is heard of. */
  #isRaw = false;

  constructor(promise: SdkPromise, context: FollowContext) {
    super(promise, context);
    this.#promise = promise;
    const { parse, asResponse, _thenUnwrap } = promise;
    this.#own = { parse, asResponse, _thenUnwrap };
    this.#context = context;
  }

  override introduce(observer: Observer): void {
    super.introduce(observer);
    this.#parsed = undefined;
  }

  /** As the promise's own, which gives one promise however often it is asked. */
  parse(): Promise<unknown> {
    this.#parsed ??= this.#own.parse
      .call(this.#promise)
      .then((data) => (this.#isRaw ? data : this.resolved(data)), this.#onError);
    return this.#parsed;
  }

  asResponse(): Promise<object> {
    const isParsed = this.#parsed !== undefined;
    return this.#own.asResponse.call(this.#promise).then((response) => {
      if (isParsed || this.#parsed !== undefined) return response;
      this.#isRaw = true;
      // Asked for twice, it is the same response.
      return audienceOf(response) === undefined ? (this.resolved(response) as object) : response;
    }, this.#onError);
  }

  /** The transformed promise parses by itself: it sees the data here first, then only its own failures are news. */
  thenUnwrap(transform: Transform): SdkPromise {
    const unwrapped = this.#own._thenUnwrap.call(this.#promise, (data, props) =>
      transform(this.#isRaw ? data : this.resolved(data), props),
    );
    return followSdkPromise(unwrapped, { ...this.#context, observer: this });
  }

  readonly #onError = (error: unknown): never => {
    this.failed(error);
    throw error;
  };
}
