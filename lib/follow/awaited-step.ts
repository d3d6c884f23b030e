/** Who asked for a step and hears what comes of it. */
export interface StepListener {
  /** Passes the result on, having looked at it. */
  stepped(result: unknown): unknown;
  /** @throws the error, having looked at it */
  stumbled(error: unknown): never;
}

/** How many are kept for reuse; each is some 150 bytes. */
const MAX_KEPT = 1_000;

/** A step that was taken leaves its place empty: here it would hold its stream, and keep it from being collected. */
const kept: (AwaitedStep | undefined)[] = [];
let keptCount = 0;
const { then: intrinsicThen } = Promise.prototype;

/**
 * The two functions that wait for a step's promise. They are used again when it has settled, so that waiting makes no
 * garbage and a stream that nobody is waiting for holds none.
 */
class AwaitedStep {
  listener: StepListener | undefined = undefined;

  readonly onResult = (result: unknown): unknown => keep(this).stepped(result);
  readonly onError = (error: unknown): never => keep(this).stumbled(error);
}

/** Keeps what has been called back for the next step, and gives who hears of this one. */
function keep(step: AwaitedStep): StepListener {
  const listener = step.listener as StepListener;
  step.listener = undefined;
  if (keptCount < MAX_KEPT) {
    kept[keptCount] = step;
    keptCount++;
  }
  return listener;
}

function take(): AwaitedStep {
  if (keptCount === 0) return new AwaitedStep();
  keptCount--;
  const step = kept[keptCount] as AwaitedStep;
  kept[keptCount] = undefined;
  return step;
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
  const step = take();
  step.listener = listener;
  return promise.then(step.onResult, step.onError);
}
