import type { AbortSignalLike } from './call/cancellation.js';
import type { TokenExtractor, TokenUsage } from './extraction/token-extractor.js';
import type { AttributeValue } from './metrics/custom-attributes.js';

/** Any method of any class: what can be tracked. */
// biome-ignore lint/suspicious/noExplicitAny: its types are inferred from the use.
export type AnyMethod = (this: any, ...args: any[]) => any;

/** A fixed value, or a function of the call's arguments (and `this`) that gives it. */
export type Selector<T, M extends AnyMethod, R> = R | ((this: T, ...args: Parameters<M>) => R);

/** What a method hands out: its response, or the chunks where it returns a stream. */
export type ItemOf<M extends AnyMethod> = ItemIn<Awaited<ReturnType<M>>>;

type ItemIn<R> =
  R extends AsyncIterable<infer Chunk>
    ? Chunk
    : // biome-ignore lint/suspicious/noExplicitAny: only what an iterator yields matters here.
      R extends Iterator<infer Chunk, any, any>
      ? Chunk
      : R extends { getReader(): { read(): Promise<{ value?: infer Chunk }> } }
        ? Chunk
        : R;

/**
 * How one method is tracked. Selectors run once, before the method; one that throws, or returns a promise, is reported
 * once to `diag` and its value counts as unknown.
 */
export interface TrackInferenceOptions<T = unknown, M extends AnyMethod = AnyMethod> {
  /** What kind of inference this is. @default the method's name in snake_case */
  endpointType?: Selector<T, M, string | undefined> | undefined;
  /** The requested model. @default `args[0].model` if that is a string, else the model the response names */
  model?: Selector<T, M, string | undefined> | undefined;
  /** Who serves the model. @default the tracker's `provider` */
  provider?: Selector<T, M, string | undefined> | undefined;
  /** Whether a stream is asked for. A stream that comes back counts as one whatever this says. @default `args[0].stream` if that is a boolean, else false */
  stream?: Selector<T, M, boolean | undefined> | undefined;
  /** The signal that aborts the call: a failure while it is aborted is a cancellation. @default the first AbortSignal among the arguments or in their `signal` */
  signal?: ((this: T, ...args: Parameters<M>) => AbortSignalLike | undefined) | undefined;
  /** False leaves this call untracked, as for health checks and warm-up. @default true */
  enabled?: Selector<T, M, boolean> | undefined;
  /** Custom attributes, on every metric, over the tracker's. Bounded by `labelLimits.attributes` for each key, and to 100 keys. @default none */
  attributes?: Selector<T, M, Readonly<Record<string, AttributeValue | undefined>> | undefined> | undefined;
  /** Reads the token usage from the response, or from each chunk of a stream; the latest that states one counts. @default the registry of extractors */
  usage?: ((item: ItemOf<M>) => TokenUsage | undefined) | undefined;
  /** Reads tokens and first output with this extractor, or with the registered one of that name. @default recognised by shape */
  extractor?: TokenExtractor | string | undefined;
  /** Whether a call made inside another call of the same tracker is part of that one, or a request of its own. @default 'join' */
  nested?: 'join' | 'separate' | undefined;
}

const CHECKS: { [option in keyof TrackInferenceOptions]-?: [test: (value: unknown) => boolean, expected: string] } = {
  endpointType: [isNameOrSelector, 'a non-empty string or a function of the arguments'],
  model: [isNameOrSelector, 'a non-empty string or a function of the arguments'],
  provider: [isNameOrSelector, 'a non-empty string or a function of the arguments'],
  stream: [(value) => typeof value === 'boolean' || isFunction(value), 'a boolean or a function of the arguments'],
  signal: [isFunction, 'a function of the arguments that returns an AbortSignal'],
  enabled: [(value) => typeof value === 'boolean' || isFunction(value), 'a boolean or a function of the arguments'],
  attributes: [
    (value) => isFunction(value) || (typeof value === 'object' && value !== null && !Array.isArray(value)),
    'an object of attributes or a function of the arguments',
  ],
  usage: [isFunction, 'a function of the response or chunk that returns the token usage'],
  extractor: [
    (value) =>
      isName(value) || (typeof value === 'object' && value !== null && 'usage' in value && isFunction(value.usage)),
    'a TokenExtractor or the name of a registered one',
  ],
  nested: [(value) => value === 'join' || value === 'separate', "'join' or 'separate'"],
};

/** Throws a TypeError that says what to do if the options are not what {@link TrackInferenceOptions} allows. */
export function checkOptions(options: unknown, where: string): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`${where}: options must be an object or an endpoint type, got ${describe(options)}.`);
  }
  for (const [name, value] of Object.entries(options)) {
    const check = Object.hasOwn(CHECKS, name) ? CHECKS[name as keyof TrackInferenceOptions] : undefined;
    if (check === undefined) {
      throw new TypeError(`${where}: unknown option "${name}"; the options are ${Object.keys(CHECKS).join(', ')}.`);
    }
    if (value !== undefined && !check[0](value)) {
      throw new TypeError(`${where}: option "${name}" must be ${check[1]}, got ${describe(value)}.`);
    }
  }
}

/** Names a value in an error message without calling anything of it. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === null || typeof value !== 'object') return typeof value === 'function' ? 'a function' : String(value);
  return Array.isArray(value) ? 'an array' : 'an object';
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

function isNameOrSelector(value: unknown): boolean {
  return isName(value) || isFunction(value);
}
