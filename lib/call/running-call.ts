import type { AnyMethod } from '../options.js';
import { shared } from '../shared-state.js';
import type { RunBody } from './observer.js';
import type { TrackedCall } from './tracked-call.js';

/** What can be running: a tracked call, or what becomes one when it is asked for. */
export interface Running {
  readonly call: TrackedCall;
  readonly usesAsyncContext: boolean;
}

/** As much of Node's AsyncLocalStorage as is used; other runtimes offer the same class. */
interface AsyncStorage {
  run<A extends unknown[], R>(call: TrackedCall, fn: (...args: A) => R, ...args: A): R;
  getStore(): TrackedCall | undefined;
}

/** Which call is running now: in the synchronous part of a method by a variable, after an await by async context. */
const state = /* @__PURE__ */ shared('running', () => ({
  now: undefined as Running | undefined,
  storage: undefined as AsyncStorage | 'unavailable' | undefined,
}));

/** The innermost call that is running now. */
export function runningCall(): TrackedCall | undefined {
  if (state.now !== undefined) return state.now.call;
  const { storage } = state;
  return storage === undefined || storage === 'unavailable' ? undefined : storage.getStore();
}

/** Whether {@link runningCall} would find one. */
export function isCallRunning(): boolean {
  return state.now !== undefined || runningCall() !== undefined;
}

/** Runs a part of a method's body as that call, so that {@link runningCall} finds it inside. */
export function runAs(running: Running, method: AnyMethod, self: unknown, args: readonly unknown[]): unknown {
  const before = state.now;
  const storage = running.usesAsyncContext ? asyncStorage() : undefined;
  try {
    if (storage === undefined) {
      state.now = running;
      return Reflect.apply(method, self, args);
    }
    // The context alone tells here: code that changes it on purpose (a pool resuming another request) stays right.
    state.now = undefined;
    return storage.run(running.call, Reflect.apply, method, self, args as unknown[]);
  } finally {
    state.now = before;
  }
}

/** Runs parts of the method's own body as that call. */
export function bodyOf(call: TrackedCall): RunBody {
  return (body, self, args) => runAs(call, body, self, args);
}

/**
 * Made at the first tracked call that somebody listens to: on Node 20 and 22 the first one in a process makes every
 * promise dearer. Reached through globals, so that this module imports nothing of Node.
 */
function asyncStorage(): AsyncStorage | undefined {
  if (state.storage === undefined) {
    const AsyncLocalStorage = findAsyncLocalStorage();
    state.storage = AsyncLocalStorage === undefined ? 'unavailable' : new AsyncLocalStorage();
  }
  return state.storage === 'unavailable' ? undefined : state.storage;
}

function findAsyncLocalStorage(): (new () => AsyncStorage) | undefined {
  const { process, AsyncLocalStorage } = globalThis as {
    process?: { getBuiltinModule?(id: string): { AsyncLocalStorage?: new () => AsyncStorage } | undefined };
    AsyncLocalStorage?: new () => AsyncStorage;
  };
  try {
    return process?.getBuiltinModule?.('node:async_hooks')?.AsyncLocalStorage ?? AsyncLocalStorage;
  } catch {
    return AsyncLocalStorage;
  }
}
