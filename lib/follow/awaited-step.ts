/** Who asked for a step and hears what comes of it. */
export interface StepListener {
  /** Passes the result on, having looked at it. */
  stepped(result: unknown): unknown;
  /** @throws the error, having looked at it */
  stumbled(error: unknown): never;
}

/** How many are kept for reuse; each is some 150 bytes. */
const MAX_KEPT = 1_000;

const kept: AwaitedStep[] = [];
const { then: intrinsicThen } = Promise.prototype;

/**
 * The two functions that wait for a step's promise. They are used again when it has settled, so that waiting makes no
 * garbage and a stream that nobody is waiting for holds none.
 */
class AwaitedStep {
  listener: StepListener | undefined;

  readonly onResult = (result: unknown): unknown => this.#release().stepped(result);
  readonly onError = (error: unknown): never => this.#release().stumbled(error);

  #release(): StepListener {
    const listener = this.listener as StepListener;
    this.listener = undefined;
    if (kept.length < MAX_KEPT) kept.push(this);
    return listener;
  }
}

/** Lets the listener see what the promise settles to, on its way to the consumer. */
export function awaitStep(promise: PromiseLike<unknown>, listener: StepListener): unknown {
  if (promise.then !== intrinsicThen) {
    // Who knows how often this one calls back.
    return promise.then(
      (result) => listener.stepped(result),
      (error) => listener.stumbled(error),
    );
  }
  const step = kept.pop() ?? new AwaitedStep();
  step.listener = listener;
  return promise.then(step.onResult, step.onError);
}
