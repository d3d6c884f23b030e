import { fields, isObject } from './payload.js';

type Next = (this: unknown, ...args: unknown[]) => unknown;
type Step = 'done' | 'value';

/** Streams that calls inside one another would hide it in again. */
const hidden = /* @__PURE__ */ new WeakSet<object>();

/**
 * Whether a chunk is the one that an OpenAI-compatible backend sends for nothing but `stream_options.include_usage`: it
 * has the usage and no choices. Clients that did not ask for it trip over the missing choice.
 */
export function isUsageChunk(chunk: unknown): boolean {
  const { choices, usage } = fields<'choices' | 'usage'>(chunk);
  return isObject(usage) && Array.isArray(choices) && choices.length === 0;
}

/**
 * Keeps the usage chunk from who reads a stream. The stream stays the same object; what reads it from below, as a tracked
 * call does, still sees the chunk.
 *
 * Takes the `Stream` of the OpenAI SDK and its kin, whose passes all go through its `iterator` field, async iterables and
 * iterators. Other objects, and those that cannot be changed, stay as they are.
 */
export function hideUsageChunk(stream: object): void {
  try {
    if (hidden.has(stream)) return;
    hidden.add(stream);
    const { iterator, next } = fields<'iterator' | 'next'>(stream);
    if (typeof iterator === 'function') skipInPasses(stream, 'iterator');
    else if (typeof next === 'function') skipInSteps(stream);
    else if (Symbol.asyncIterator in stream) skipInPasses(stream, Symbol.asyncIterator);
  } catch {
    // Frozen, or a Proxy that refuses: the consumer gets one chunk more.
  }
}

function skipInPasses(stream: object, key: PropertyKey): void {
  const iterate = Reflect.get(stream, key) as Next;
  replace(stream, key, function iterateVisible(this: unknown, ...args: unknown[]): unknown {
    const pass = iterate.apply(this, args);
    if (isObject(pass)) skipInSteps(pass);
    return pass;
  });
}

function skipInSteps(iterator: object): void {
  const next = Reflect.get(iterator, 'next') as Next;
  const skip = (step: unknown): unknown => {
    const { done, value } = fields<Step>(step);
    return !done && isUsageChunk(value) ? nextVisible.call(iterator) : step;
  };
  function nextVisible(this: unknown, ...args: unknown[]): unknown {
    const step = next.apply(this, args);
    return isThenable(step) ? step.then(skip) : skip(step);
  }
  replace(iterator, 'next', nextVisible);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof fields<'then'>(value).then === 'function';
}

function replace(target: object, key: PropertyKey, value: Next): void {
  const enumerable = Object.prototype.propertyIsEnumerable.call(target, key);
  Object.defineProperty(target, key, { value, writable: true, configurable: true, enumerable });
}
