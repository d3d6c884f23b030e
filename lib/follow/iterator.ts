import type { AbortSignalLike } from '../call/cancellation.js';
import type { Observer, RunBody } from '../call/observer.js';
import { isThenable } from '../thenable.js';
import { AUDIENCE, Audience, audienceOf } from './audience.js';
import { awaitStep, type StepListener } from './awaited-step.js';
import { overlay, sharedMembers } from './overlay.js';
import type { FollowContext, ReturnKind } from './return-kind.js';

export type Step = (this: unknown, ...args: unknown[]) => unknown;

interface AnyIterator {
  next: Step;
  return?: Step;
  throw?: Step;
}

type Followed = AnyIterator & { [AUDIENCE]: IteratorFollower };

const AS_IT_IS: IteratorOptions = {};

/** How an iterator is followed, beside who observes it. */
interface IteratorOptions {
  /** Runs a step as part of the tracked method, where the iterator is the method's own body. */
  readonly runBody?: RunBody | undefined;
  /** The stream's own signal: aborted at a quiet end, it tells that the stream was cut short. */
  readonly signal?: AbortSignalLike | undefined;
  /** Whether `return` leaves the stream behind it as it is, to be read on by other means. */
  readonly keepsOpen?: boolean | undefined;
}

/** Iterators that can be iterated, sync and async; generators are the usual ones. Arrays and other collections are values. */
export const iterator: ReturnKind<AnyIterator> = {
  recognizes(value): value is AnyIterator {
    return (
      typeof (value as { next?: unknown }).next === 'function' &&
      (Symbol.asyncIterator in value || Symbol.iterator in value)
    );
  },
  follow(value, { observer, runBody }: FollowContext) {
    return followIterator(value, observer, runBody && { runBody });
  },
};

/**
 * Follows an iterator by taking the place of its `next`, `return` and `throw`, on the iterator itself.
 *
 * Never by an `async function*` around it: `return()` before the first `next()` would not run its `finally`, and
 * overlapping calls of `next` would wait for each other.
 */
export function followIterator<T extends object>(source: T, observer: Observer, options = AS_IT_IS): T {
  const known = audienceOf(source);
  if (known !== undefined) {
    known.welcome(observer);
    return source;
  }
  const follower = new IteratorFollower(source as unknown as AnyIterator, observer, options);
  const steps = follower.steps.throw === undefined ? STEPS : STEPS_AND_THROW;
  const followed = overlay(source, { [AUDIENCE]: follower }, steps);
  follower.introduce(observer);
  return followed;
}

function followedNext(this: Followed, ...args: unknown[]): unknown {
  return this[AUDIENCE].pull(args);
}

function followedReturn(this: Followed, ...args: unknown[]): unknown {
  const follower = this[AUDIENCE];
  try {
    if (follower.steps.return !== undefined) return follower.step(follower.steps.return, args);
    const result = { done: true, value: args[0] };
    return Symbol.asyncIterator in this ? Promise.resolve(result) : result;
  } finally {
    if (follower.options.keepsOpen !== true) follower.left();
  }
}

function followedThrow(this: Followed, ...args: unknown[]): unknown {
  const follower = this[AUDIENCE];
  try {
    return follower.step(follower.steps.throw as Step, args);
  } finally {
    // A destroyed Node stream closes its source in this way: a consumer's throw is a leaving, not a failure.
    follower.left();
  }
}

const STEPS = /* @__PURE__ */ sharedMembers({ next: followedNext, return: followedReturn });
const STEPS_AND_THROW = /* @__PURE__ */ sharedMembers({
  next: followedNext,
  return: followedReturn,
  throw: followedThrow,
});

/** An iterator's own methods. */
export interface Steps {
  readonly next: Step;
  readonly return?: Step | undefined;
  readonly throw?: Step | undefined;
}

/** By the object that iterators inherit them from. */
const inherited = new WeakMap<object, Steps>();

/**
 * One object for all iterators that inherit their methods from the same one, as generators do. An iterator's own methods
 * can reach the iterator, and must be reachable from it alone: else it is never collected.
 */
function stepsOf(source: AnyIterator): Steps {
  const { next, return: leave, throw: fail } = source;
  const holder = holderOfNext(source);
  const isInherited = holder !== null && holder !== source && holder.return === leave && holder.throw === fail;
  const known = isInherited ? inherited.get(holder) : undefined;
  if (known?.next === next && known.return === leave && known.throw === fail) return known;
  const steps = { next, return: functionOr(leave), throw: functionOr(fail) };
  if (isInherited) inherited.set(holder, steps);
  return steps;
}

function holderOfNext(source: AnyIterator): AnyIterator | null {
  let holder: AnyIterator | null = source;
  while (holder !== null && !Object.hasOwn(holder, 'next')) holder = Object.getPrototypeOf(holder);
  return holder;
}

function functionOr(value: unknown): Step | undefined {
  return typeof value === 'function' ? (value as Step) : undefined;
}

/** What stands behind a followed iterator, or a reader: its own methods, and who hears of it. */
export class IteratorFollower extends Audience implements StepListener {
  readonly steps: Steps;
  readonly options: IteratorOptions;
  /** Steps that were asked for and have not been answered. */
  #pending = 0;

  constructor(source: object, observer: Observer, options = AS_IT_IS, steps: Steps = stepsOf(source as AnyIterator)) {
    super(observer, source);
    this.steps = steps;
    this.options = options;
  }

  /** Whether the consumer waits for nothing. */
  get isIdle(): boolean {
    return this.#pending === 0;
  }

  step(method: Step, args: unknown[]): unknown {
    const { runBody } = this.options;
    if (runBody !== undefined) return runBody(method, this.target, args);
    return args.length === 0 ? method.call(this.target) : method.apply(this.target, args);
  }

  /** Takes the next step, and reports what comes of it; a promise's result is passed on by a promise derived from it. */
  pull(args: unknown[]): unknown {
    // Not by way of `this`: V8 joins no method with itself into one piece of code, and the observer may be an audience.
    this.observer.pulling();
    let result: unknown;
    try {
      result = this.step(this.steps.next, args);
    } catch (error) {
      this.failed(error);
      throw error;
    }
    if (!isThenable(result)) return this.saw(result);
    this.#pending++;
    return awaitStep(result, this);
  }

  stepped(result: unknown): unknown {
    this.#pending--;
    return this.saw(result);
  }

  stumbled(error: unknown): never {
    this.#pending--;
    this.failed(error);
    throw error;
  }

  private saw(result: unknown): unknown {
    if (typeof result !== 'object' || result === null) return result; // The consumer's own loop will complain.
    const { done, value } = result as { done?: unknown; value?: unknown };
    if (done) this.ended(this.options.signal);
    else this.observer.item(value);
    return result;
  }
}
