import { MethodPlan } from './call/method-plan.js';
import { bodyOf, isCallRunning, runAs, runningCall } from './call/running-call.js';
import { TrackedCall } from './call/tracked-call.js';
import { UnheardCall } from './call/unheard-call.js';
import { follow, followAsync } from './follow/follow.js';
import { mirrorFunction } from './mirror-function.js';
import type { AnyMethod, TrackInferenceOptions } from './options.js';
import { TrackerRuntime } from './tracker-runtime.js';

/** One tracker: wraps functions, and runs their calls with the settings it has at that moment. */
export class Tracker {
  #runtime: TrackerRuntime;

  constructor(runtime = new TrackerRuntime()) {
    this.#runtime = runtime;
  }

  get runtime(): TrackerRuntime {
    return this.#runtime;
  }

  /** Gives new calls other settings; those that run stay where they began. Returns what was replaced. */
  replaceRuntime(runtime: TrackerRuntime): TrackerRuntime {
    const replaced = this.#runtime;
    this.#runtime = runtime;
    return replaced;
  }

  wrap<M extends AnyMethod>(method: M, options: TrackInferenceOptions, name: string, where: string): M {
    const plan = new MethodPlan(options, method, name, where);
    const tracker = this;
    // A method, not a function: like what it wraps, it is no constructor.
    const { tracked } = {
      tracked(this: unknown, ...args: unknown[]): unknown {
        return tracker.#run(plan, method, this, args);
      },
    };
    mirrorFunction(tracked, method, options);
    return tracked as M;
  }

  #run(plan: MethodPlan, method: AnyMethod, self: unknown, args: unknown[]): unknown {
    if (!plan.isEnabled(self, args)) return Reflect.apply(method, self, args);
    const runtime = this.#runtime;
    if (!isCallRunning() && !runtime.isHeard()) return new UnheardCall(runtime, plan, self, args).run(method);
    const call = new TrackedCall(runtime, plan, runningCall(), self, args);
    let result: unknown;
    try {
      result = runAs(call, method, self, args);
    } catch (error) {
      call.failed(error);
      throw error;
    }
    if (plan.isAsync) return followAsync(result as Promise<unknown>, call);
    return follow(result, call, plan.isGenerator ? bodyOf(call) : undefined);
  }
}
