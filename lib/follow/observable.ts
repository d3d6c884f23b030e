import type { Observer, Repeat } from '../call/observer.js';
import { overlay } from './overlay.js';
import type { ReturnKind } from './return-kind.js';

interface Subscriber {
  readonly closed: boolean;
  next(value: unknown): void;
  error(error: unknown): void;
  complete(): void;
  add(teardown: () => void): void;
}

interface Observable {
  subscribe(...args: unknown[]): unknown;
  pipe(...operators: unknown[]): unknown;
}

type ObservableClass = new (subscribe: (subscriber: Subscriber) => unknown) => Observable;

const CALLS = Symbol('track-inference.calls');
type Followed = Observable & { [CALLS]: SubscriptionCalls };

/**
 * The Observable of RxJS: each subscription is a call of its own, which begins there and is left by unsubscribing.
 *
 * What is asked of it, by `pipe` and operators too, comes through its `subscribe`. The subscription is made by its own
 * library, so that errors nobody handles are reported and synchronous sources stop as ever.
 */
export const observable: ReturnKind<Observable> = {
  recognizes(value): value is Observable {
    return typeof (value as Partial<Observable>).subscribe === 'function' && baseClass(value) !== undefined;
  },
  follow(value, { observer }) {
    const repeats = observer.repeats();
    const known = (value as Partial<Followed>)[CALLS];
    if (known === undefined) {
      return overlay(value, { [CALLS]: new SubscriptionCalls(value, repeats), subscribe: followedSubscribe });
    }
    known.add(repeats);
    return value;
  },
};

function followedSubscribe(this: Followed, ...args: unknown[]): unknown {
  return this[CALLS].subscribe(args);
}

/** The class that brought `subscribe` and `pipe`: Observable itself, whatever extends it. */
function baseClass(value: object): ObservableClass | undefined {
  let prototype: object | null = value;
  while (prototype !== null && !(Object.hasOwn(prototype, 'pipe') && Object.hasOwn(prototype, 'subscribe'))) {
    prototype = Object.getPrototypeOf(prototype);
  }
  return prototype?.constructor as ObservableClass | undefined;
}

/** The methods that returned one Observable, innermost first, and how a subscription to it becomes their calls. */
class SubscriptionCalls {
  readonly #source: Observable;
  readonly #own: Observable['subscribe'];
  readonly #Observable: ObservableClass;
  #repeats: readonly Repeat[];

  constructor(source: Observable, repeats: readonly Repeat[]) {
    this.#source = source;
    this.#own = source.subscribe;
    this.#Observable = baseClass(source) as ObservableClass;
    this.#repeats = repeats;
  }

  /** Of the same method, the latest call says what is known before a subscription. */
  add(repeats: readonly Repeat[]): void {
    const keys = repeats.map(({ key }) => key);
    this.#repeats = [...this.#repeats.filter(({ key }) => !keys.includes(key)), ...repeats];
  }

  subscribe(args: unknown[]): unknown {
    const repeats = [...this.#repeats];
    return new this.#Observable((subscriber) => this.#run(repeats, subscriber)).subscribe(...args);
  }

  /** The outermost call begins first, so that the others find it running. */
  #run(repeats: Repeat[], subscriber: Subscriber): unknown {
    const repeat = repeats.pop();
    if (repeat === undefined) return this.#own.call(this.#source, subscriber);
    const { observer, runBody } = repeat.begin();
    hear(subscriber, observer);
    return runBody((inner: Subscriber) => this.#run(repeats, inner), undefined, [subscriber]);
  }
}

function hear(subscriber: Subscriber, observer: Observer): void {
  const { next, error, complete } = subscriber;
  overlay(subscriber, {
    next(value: unknown): void {
      if (!subscriber.closed) {
        observer.item(value);
        observer.pulling();
      }
      next.call(subscriber, value);
    },
    error(reason: unknown): void {
      if (!subscriber.closed) observer.failed(reason);
      error.call(subscriber, reason);
    },
    complete(): void {
      if (!subscriber.closed) observer.ended();
      complete.call(subscriber);
    },
  });
  observer.handsOut(subscriber);
  observer.pulling();
  subscriber.add(() => observer.left());
}
