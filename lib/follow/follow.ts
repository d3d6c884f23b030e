import type { Observer, RunBody } from '../call/observer.js';
import { warnOnce } from '../diagnostics.js';
import { isThenable } from '../thenable.js';
import { asyncIterable } from './async-iterable.js';
import { audienceOf } from './audience.js';
import { carrier, mayCarry } from './carrier.js';
import { emitterStream } from './emitter-stream.js';
import { fetchResponse } from './fetch-response.js';
import { iterator } from './iterator.js';
import { nodeReadable } from './node-readable.js';
import { observable } from './observable.js';
import { followNative, promise } from './promise.js';
import { responsePromise } from './response-promise.js';
import type { ReturnKind } from './return-kind.js';
import { sdkPromise } from './sdk-promise.js';
import { sdkStream } from './sdk-stream.js';
import { webStream } from './web-stream.js';

/** The kinds of objects that are followed; the first that recognises one follows it. */
const PROMISES: readonly ReturnKind[] = [sdkPromise, responsePromise, promise];
const NONE: readonly ReturnKind[] = [];
/** Of plain objects and arrays too; `kindsFor` asks for the members by which these are told. */
const WITH_MEMBERS: readonly ReturnKind[] = [iterator, asyncIterable, carrier];
const INSTANCES: readonly ReturnKind[] = [
  sdkStream,
  emitterStream,
  webStream,
  nodeReadable,
  fetchResponse,
  observable,
  ...WITH_MEMBERS,
];

/**
 * Reports the life of what a method returned to the observer, and gives what the caller is to get.
 *
 * What is none of the known kinds is a value: its life is over when it is handed out.
 */
export function follow(result: unknown, observer: Observer, runBody?: RunBody): unknown {
  if (typeof result !== 'object' || result === null) {
    observer.value(result);
    return result;
  }
  try {
    const audience = audienceOf(result);
    if (audience !== undefined) {
      audience.welcome(observer);
      return result;
    }
    for (const kind of kindsFor(result)) {
      if (kind.recognizes(result)) return kind.follow(result, { observer, runBody, follow });
    }
  } catch (error) {
    // An object that throws when looked at is the caller's business; to us it is a value.
    warnOnce('following a returned object', error);
  }
  observer.value(result);
  return result;
}

/** As {@link follow}, for the promise of an async function: nobody else has seen it, so it need not be looked at. */
export function followAsync(result: Promise<unknown>, observer: Observer): Promise<unknown> {
  return followNative(result, { observer, follow });
}

/** Whether the life of an object goes on when it has been handed out: it is none of a value's. */
export function isFollowed(result: unknown): boolean {
  if (typeof result !== 'object' || result === null) return false;
  try {
    for (const kind of kindsFor(result)) if (kind.recognizes(result)) return true;
    return audienceOf(result) !== undefined;
  } catch {
    return false;
  }
}

function kindsFor(result: object): readonly ReturnKind[] {
  if (isThenable(result)) return PROMISES;
  if (Object.getPrototypeOf(result) !== Object.prototype && !Array.isArray(result)) return INSTANCES;
  // Most results are plain objects without any of these, which need not be asked about kind by kind.
  return 'next' in result || Symbol.asyncIterator in result || mayCarry(result) ? WITH_MEMBERS : NONE;
}
