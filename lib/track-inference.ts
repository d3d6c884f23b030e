import { defaultTracker } from './default-tracker.js';
import { trackedOptions } from './mirror-function.js';
import { type AnyMethod, checkOptions, describe, type TrackInferenceOptions } from './options.js';
import { Tracker } from './tracker.js';
import { checkTrackerOptions, type TrackerOptions } from './tracker-options.js';
import { TrackerRuntime } from './tracker-runtime.js';

/** A method decorator for both dialects: standard (TC39) decorators and TypeScript's `experimentalDecorators`. */
export type TrackDecorator<T, M extends AnyMethod> = ((
  target: T | M,
  ...rest: [context: ClassMethodDecoratorContext<T, M>] | [key: PropertyKey, descriptor: TypedPropertyDescriptor<M>]
) => void) &
  MethodDecorator;

/** Which methods of an object are tracked, and how; a bare string is short for `{ endpointType }`. */
export type TrackPlan<R extends object> = {
  [K in keyof R]?: (R[K] extends AnyMethod ? TrackInferenceOptions<R, R[K]> | string : never) | undefined;
};

/** A tracker with settings of its own: its decorator and that one's twins. Its members can be taken off it. */
export interface InferenceTracker {
  /** As the exported {@link TrackInference}, with this tracker's settings. */
  readonly TrackInference: typeof TrackInference;
  /** As the exported {@link trackInference}, with this tracker's settings. */
  readonly trackInference: typeof trackInference;
  /** As the exported {@link trackMethods}, with this tracker's settings. */
  readonly trackMethods: typeof trackMethods;
}

/**
 * Records the inference metrics of every call of the method it decorates.
 *
 * What the method returns is passed on as it is; a stream's call lasts until it ends, fails or is left. Selectors run
 * before the method. One that throws is reported to `diag` and its attribute is left out: tracking never fails a
 * request. Works under standard decorators and under `experimentalDecorators`; `#private` methods under the former.
 *
 * @param options how the method is tracked; a bare string is short for `{ endpointType }`
 * @throws TypeError when the class is defined, if what is decorated is not a method, is tracked already, or an option
 * has a wrong value
 */
export function TrackInference<T, M extends AnyMethod>(
  options?: TrackInferenceOptions<T, M> | string,
  ...misplaced: never[]
): TrackDecorator<T, M> {
  return decorator(defaultTracker().tracker, options, misplaced);
}

/**
 * Gives a function that does what `fn` does and records the inference metrics of every call.
 *
 * @throws TypeError if `fn` is not a function or is tracked already, or an option has a wrong value
 */
export function trackInference<M extends AnyMethod>(
  fn: M,
  options?: TrackInferenceOptions<ThisParameterType<M>, M> | string,
): M {
  return wrapFunction(defaultTracker().tracker, fn, options);
}

/**
 * Tracks methods of an object, or of a class prototype, that you do not own, as of an SDK's client.
 *
 * The object itself is changed and returned. An inherited method is wrapped on the object alone.
 *
 * @throws TypeError, before anything is changed, if a member is not a method, is tracked already or cannot be replaced
 */
export function trackMethods<R extends object>(router: R, plan: TrackPlan<R>): R {
  return wrapMethods(defaultTracker().tracker, router, plan);
}

/**
 * Makes a tracker with settings of its own, beside the default one of the package's exports.
 *
 * @throws TypeError if an option has a wrong value; the message says what is expected
 */
export function createInferenceTracker(options: TrackerOptions = {}): InferenceTracker {
  checkTrackerOptions(options, 'createInferenceTracker');
  return trackerOver(new Tracker(new TrackerRuntime(options)));
}

/** @internal The public face of a tracker. */
export function trackerOver(tracker: Tracker): InferenceTracker {
  return {
    TrackInference: (options, ...misplaced) => decorator(tracker, options, misplaced),
    trackInference: (fn, options) => wrapFunction(tracker, fn, options),
    trackMethods: (router, plan) => wrapMethods(tracker, router, plan),
  };
}

function decorator<T, M extends AnyMethod>(
  tracker: Tracker,
  stated: TrackInferenceOptions<T, M> | string | undefined,
  misplaced: readonly unknown[],
): TrackDecorator<T, M> {
  if (misplaced.length > 0 || typeof stated === 'function') {
    throw new TypeError('@TrackInference is used without parentheses; write @TrackInference() above the method.');
  }
  const options = normalize(stated, '@TrackInference');
  const decorate = (target: unknown, second?: unknown, descriptor?: PropertyDescriptor): unknown =>
    typeof second === 'object' && second !== null
      ? decorateStandard(tracker, options, target, second as DecoratorContext)
      : decorateLegacy(tracker, options, target, second as PropertyKey | undefined, descriptor);
  return decorate as TrackDecorator<T, M>;
}

function decorateStandard(
  tracker: Tracker,
  options: TrackInferenceOptions,
  value: unknown,
  context: DecoratorContext,
): AnyMethod {
  const name = nameOf(context.name);
  if (context.kind !== 'method') throw misplacedOn(name, context.kind);
  return wrapChecked(tracker, value, options, name, name, '@TrackInference');
}

function decorateLegacy(
  tracker: Tracker,
  options: TrackInferenceOptions,
  target: unknown,
  key: PropertyKey | undefined,
  descriptor: PropertyDescriptor | number | undefined,
): void {
  if (key === undefined) throw misplacedOn(ownerName(target), typeof descriptor === 'number' ? 'parameter' : 'class');
  const member = `${ownerName(target)}.${nameOf(key)}`;
  if (typeof descriptor === 'number') throw misplacedOn(member, 'parameter');
  if (descriptor === undefined) throw misplacedOn(member, 'field');
  if (typeof descriptor.value !== 'function') {
    throw misplacedOn(member, descriptor.get || descriptor.set ? 'accessor' : 'field');
  }
  descriptor.value = wrapChecked(tracker, descriptor.value, options, nameOf(key), member, '@TrackInference');
}

function wrapFunction<M extends AnyMethod>(
  tracker: Tracker,
  fn: M,
  stated: TrackInferenceOptions<ThisParameterType<M>, M> | string | undefined,
): M {
  if (typeof fn !== 'function') {
    throw new TypeError(`trackInference: the first argument must be a function, got ${describe(fn)}.`);
  }
  const options = normalize(stated as TrackInferenceOptions | string | undefined, 'trackInference');
  return wrapChecked(tracker, fn, options, fn.name, fn.name || 'an unnamed function', 'trackInference') as M;
}

function wrapMethods<R extends object>(tracker: Tracker, router: R, plan: TrackPlan<R>): R {
  if (typeof router !== 'object' && typeof router !== 'function') {
    throw new TypeError(`trackMethods: the first argument must be an object, got ${describe(router)}.`);
  }
  const owner = ownerName(router);
  const replacements = Reflect.ownKeys(plan)
    .filter((key) => plan[key as keyof R] !== undefined)
    .map((key) => {
      const member = `${owner}.${nameOf(key)}`;
      const { holder, descriptor } = findMember(router, key);
      if (descriptor === undefined)
        throw new TypeError(`trackMethods: ${member} does not exist; check the plan's names.`);
      if (typeof descriptor.value !== 'function') {
        const kind = descriptor.get || descriptor.set ? 'an accessor' : describe(descriptor.value);
        throw new TypeError(`trackMethods: ${member} is ${kind}; name methods only.`);
      }
      if (holder === router ? !descriptor.configurable && !descriptor.writable : !Object.isExtensible(router)) {
        throw new TypeError(
          `trackMethods: ${member} cannot be replaced because the object is frozen; wrap the function with trackInference().`,
        );
      }
      const options = normalize(plan[key as keyof R] as TrackInferenceOptions | string, `trackMethods: ${member}`);
      return {
        key,
        descriptor,
        value: wrapChecked(tracker, descriptor.value, options, nameOf(key), member, 'trackMethods'),
      };
    });
  for (const { key, descriptor, value } of replacements) Object.defineProperty(router, key, { ...descriptor, value });
  return router;
}

function wrapChecked(
  tracker: Tracker,
  method: unknown,
  options: TrackInferenceOptions,
  name: string,
  member: string,
  form: string,
): AnyMethod {
  if (trackedOptions(method) !== undefined) {
    throw new TypeError(`${form}: ${member} is tracked already; keep one of the two, or every call is counted twice.`);
  }
  return tracker.wrap(method as AnyMethod, options, name, member);
}

function normalize(stated: unknown, where: string): TrackInferenceOptions {
  const options = typeof stated === 'string' ? { endpointType: stated } : (stated ?? {});
  checkOptions(options, where);
  return Object.freeze({ ...(options as TrackInferenceOptions) });
}

function misplacedOn(member: string, kind: string): TypeError {
  const article = /^[aeiou]/.test(kind) ? 'an' : 'a';
  return new TypeError(
    `@TrackInference: ${member} is ${article} ${kind}; decorate a method, or wrap the function with trackInference().`,
  );
}

function findMember(object: object, key: PropertyKey): { holder: object; descriptor: PropertyDescriptor | undefined } {
  for (let holder: object | null = object; holder !== null; holder = Object.getPrototypeOf(holder)) {
    const descriptor = Object.getOwnPropertyDescriptor(holder, key);
    if (descriptor !== undefined) return { holder, descriptor };
  }
  return { holder: object, descriptor: undefined };
}

function nameOf(key: PropertyKey | undefined): string {
  return typeof key === 'symbol' ? (key.description ?? '') : String(key ?? 'an unnamed class');
}

/** The class of a prototype, of a static side or of an instance, for messages. */
function ownerName(target: unknown): string {
  if (typeof target === 'function') return target.name || 'an unnamed class';
  const name: unknown = (target as { constructor?: { name?: unknown } } | null)?.constructor?.name;
  return typeof name === 'string' && name !== '' ? name : 'an object';
}
