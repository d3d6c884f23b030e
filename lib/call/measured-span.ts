import type { TrackerRuntime } from '../tracker-runtime.js';
import type { IntervalUnion } from './interval-union.js';
import type { Observer, Repeat, RunBody } from './observer.js';
import { runningCall } from './running-call.js';

/** One use of `measureInference`: an interval from now to the end of what the measured function returns. */
export class MeasuredSpan implements Observer {
  isOver = false;

  constructor(
    private readonly union: IntervalUnion,
    private readonly runtime: TrackerRuntime,
  ) {
    union.begin(runtime.readClock());
  }

  sharesWith(): boolean {
    return true;
  }

  /** Each subscription is measured for the call that runs by then. */
  repeats(): readonly Repeat[] {
    this.#end();
    return [
      {
        key: MeasuredSpan,
        begin: () => ({ observer: runningCall()?.measure() ?? this, runBody: Reflect.apply as RunBody }),
      },
    ];
  }

  value(): void {
    this.#end();
  }

  ended(): void {
    this.#end();
  }

  failed(): void {
    this.#end();
  }

  left(): void {
    this.#end();
  }

  waitsFor(): void {}
  handsOut(): void {}
  pulling(): void {}
  item(): void {}

  #end(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.union.end(this.runtime.readClock());
  }
}
