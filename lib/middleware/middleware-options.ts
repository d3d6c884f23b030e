import type { TokenExtractor, TokenUsage } from '../extraction/token-extractor.js';
import type { AttributeValue } from '../metrics/custom-attributes.js';
import { describe } from '../options.js';
import type { InferenceTracker } from '../track-inference.js';
import type { InferenceRequest } from './inference-request.js';
import type { InferenceRoutes } from './routes.js';

/** A fixed value, or a function of the request that gives it. */
export type FromRequest<Raw, R> = R | ((request: InferenceRequest<Raw>) => R);

/**
 * How a middleware tracks requests. Selectors run before the handler, and again when the body is read only later; one
 * that throws is reported once to `diag` and its value counts as unknown.
 */
export interface MiddlewareOptions<Raw = unknown> {
  /** Endpoint types by the end of the path, added to {@link inferenceRoutes}; `false` takes one out. Only POST requests are looked up. */
  routes?: InferenceRoutes | undefined;
  /** The endpoint type of every request that comes here, whatever its path; for a middleware on one route. */
  endpointType?: FromRequest<Raw, string | undefined>;
  /** The requested model. @default the body's `model`, else the path's, else the one that the answer names */
  model?: FromRequest<Raw, string | undefined>;
  /** Who serves the model. @default the tracker's `provider`, or that of the tracked method inside the handler */
  provider?: FromRequest<Raw, string | undefined>;
  /** Custom attributes, on every metric. */
  attributes?: FromRequest<Raw, Readonly<Record<string, AttributeValue | undefined>> | undefined>;
  /** False leaves this request untracked. @default true */
  enabled?: FromRequest<Raw, boolean>;
  /** Reads the token usage from the parsed answer, or from each event of a stream. @default the registry of extractors */
  usage?: ((item: unknown) => TokenUsage | undefined) | undefined;
  /** Reads answers with this extractor, or with the registered one of that name. @default recognised by shape */
  extractor?: TokenExtractor | string | undefined;
  /** Whose settings count. @default the package's default tracker */
  tracker?: InferenceTracker | undefined;
  /** JSON longer than this, in characters, passes unread: of an answer, and of a request that nobody has parsed yet. @default 4 Mi */
  maxJsonLength?: number | undefined;
}

/** The options that a tracked function has too. */
export const TRACKING_OPTIONS = [
  'endpointType',
  'model',
  'provider',
  'attributes',
  'enabled',
  'usage',
  'extractor',
] as const satisfies (keyof MiddlewareOptions)[];

/** Throws a TypeError that says what to do if a middleware's own options are wrong; the others are checked as a decorator's. */
export function checkMiddlewareOptions(options: unknown, where: string): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`${where}: options must be an object, got ${describe(options)}.`);
  }
  const own = ['routes', 'tracker', 'maxJsonLength', ...TRACKING_OPTIONS];
  for (const name of Object.keys(options)) {
    if (!own.includes(name)) {
      throw new TypeError(`${where}: unknown option "${name}"; the options are ${own.join(', ')}.`);
    }
  }
  const { routes, tracker, maxJsonLength } = options as MiddlewareOptions;
  if (routes !== undefined && (typeof routes !== 'object' || routes === null)) {
    throw new TypeError(
      `${where}: option "routes" must be an object of endpoint types by path, got ${describe(routes)}.`,
    );
  }
  for (const [path, endpointType] of Object.entries(routes ?? {})) {
    if (
      !path.startsWith('/') ||
      (endpointType !== false && (typeof endpointType !== 'string' || endpointType === ''))
    ) {
      throw new TypeError(
        `${where}: option "routes" must map paths that begin with / to endpoint types or false, got ${describe(path)}.`,
      );
    }
  }
  if (tracker !== undefined && typeof tracker?.trackInference !== 'function') {
    throw new TypeError(`${where}: option "tracker" must come from createInferenceTracker, got ${describe(tracker)}.`);
  }
  if (maxJsonLength !== undefined && !(maxJsonLength >= 0)) {
    throw new TypeError(
      `${where}: option "maxJsonLength" must be a number of characters, got ${describe(maxJsonLength)}.`,
    );
  }
}
