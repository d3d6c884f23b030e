/** As much of an AbortSignal as is looked at. */
export interface AbortSignalLike {
  /** Whether the request is called off. */
  readonly aborted: boolean;
  /** Why: a `TimeoutError` is a deadline that passed, and makes an error of the call. */
  readonly reason?: unknown;
}

/** A signal that is not kept alive. One that nobody can abort any more counts as not aborted. */
export class WeakSignal implements AbortSignalLike {
  readonly #signal: WeakRef<AbortSignalLike>;

  constructor(signal: AbortSignalLike) {
    this.#signal = new WeakRef(signal);
  }

  get aborted(): boolean {
    return this.#signal.deref()?.aborted === true;
  }

  get reason(): unknown {
    return this.#signal.deref()?.reason;
  }
}

/**
 * Whether a failure is the caller's own leaving, not the backend's fault.
 *
 * It is when the call's signal is aborted or the error says so itself: by name (DOM), by code (Node), or by class (the
 * SDKs of OpenAI, Anthropic and their kin leave the name at `Error`). A deadline that passed is an error even so.
 */
export function isCancellation(error: unknown, signal: AbortSignalLike | undefined): boolean {
  if (isTimeout(error)) return false;
  if (signal?.aborted === true) return !isTimeout(signal.reason);
  return named(error, 'AbortError') || field(error, 'code') === 'ABORT_ERR' || ofClass(error, /^APIUserAbortError$/);
}

/** Whether an aborted signal means that somebody left, and not that a deadline passed. */
export function wasLeft(signal: AbortSignalLike | undefined): boolean {
  return signal?.aborted === true && !isTimeout(signal.reason);
}

/** Whether an error, or an abort reason, is a deadline that passed: AbortSignal.timeout's and the SDKs' own. */
function isTimeout(error: unknown): boolean {
  return named(error, 'TimeoutError') || ofClass(error, /Timeout(Error)?$/);
}

/** The first AbortSignal among the arguments of a call, or in their `signal`. */
export function findSignal(args: readonly unknown[]): AbortSignalLike | undefined {
  for (const arg of args) {
    if (typeof arg !== 'object' || arg === null) continue;
    if (isSignal(arg)) return arg;
    const inner = (arg as { signal?: unknown }).signal;
    if (isSignal(inner)) return inner;
  }
  return undefined;
}

export function isSignal(value: unknown): value is AbortSignalLike {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { aborted?: unknown }).aborted === 'boolean' &&
    typeof (value as { addEventListener?: unknown }).addEventListener === 'function'
  );
}

function named(error: unknown, name: string): boolean {
  return field(error, 'name') === name;
}

function ofClass(error: unknown, pattern: RegExp): boolean {
  if (typeof error !== 'object' || error === null) return false;
  for (let proto = Object.getPrototypeOf(error); proto !== null; proto = Object.getPrototypeOf(proto)) {
    const name: unknown = proto.constructor?.name;
    if (typeof name === 'string' && pattern.test(name)) return true;
  }
  return false;
}

function field(value: unknown, key: 'name' | 'code'): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}
