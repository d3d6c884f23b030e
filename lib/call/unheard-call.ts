import { follow, isFollowed } from '../follow/follow.js';
import type { AnyMethod } from '../options.js';
import type { TrackerRuntime } from '../tracker-runtime.js';
import type { MethodPlan } from './method-plan.js';
import { bodyOf, type Running, runAs } from './running-call.js';
import { TrackedCall } from './tracked-call.js';

/**
 * A call that began while nobody listened, as under no MeterProvider: it costs next to nothing.
 *
 * It becomes a tracked one where that may matter: when code inside asks for it, when what comes back lives on, as a stream
 * does, and when somebody listens by the time it settles.
 */
export class UnheardCall implements Running {
  readonly #runtime: TrackerRuntime;
  readonly #plan: MethodPlan;
  readonly #self: unknown;
  readonly #args: unknown[];
  readonly #enteredAt: number;
  #call: TrackedCall | undefined = undefined;

  constructor(runtime: TrackerRuntime, plan: MethodPlan, self: unknown, args: unknown[]) {
    this.#runtime = runtime;
    this.#plan = plan;
    this.#self = self;
    this.#args = args;
    this.#enteredAt = runtime.now();
  }

  get usesAsyncContext(): boolean {
    return false;
  }

  get call(): TrackedCall {
    this.#call ??= this.#becomeTracked();
    return this.#call;
  }

  run(method: AnyMethod): unknown {
    let result: unknown;
    try {
      result = runAs(this, method, this.#self, this.#args);
    } catch (error) {
      throw this.#failed(error);
    }
    if (!this.#plan.isAsync) return this.#came(result);
    return (result as Promise<unknown>).then(
      (value) => this.#came(value),
      (error) => {
        throw this.#failed(error);
      },
    );
  }

  #becomeTracked(): TrackedCall {
    // The chunks of a stream take the latest reading, and so far none was kept.
    this.#runtime.readClock();
    return new TrackedCall(this.#runtime, this.#plan, undefined, this.#self, this.#args, undefined, this.#enteredAt);
  }

  #came(result: unknown): unknown {
    if (this.#call === undefined && !this.#runtime.isHeard() && !isFollowed(result)) return result;
    const { call } = this;
    return follow(result, call, this.#plan.isGenerator ? bodyOf(call) : undefined);
  }

  #failed(error: unknown): unknown {
    if (this.#call !== undefined || this.#runtime.isHeard()) this.call.failed(error);
    return error;
  }
}
