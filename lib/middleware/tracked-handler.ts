import type { AbortSignalLike } from '../call/cancellation.js';
import { runningCall } from '../call/running-call.js';
import type { TrackedCall } from '../call/tracked-call.js';
import type { TrackInferenceOptions } from '../options.js';
import { trackInference } from '../track-inference.js';
import { type InferenceRequest, learnBody, parsedBody } from './inference-request.js';
import { checkMiddlewareOptions, type MiddlewareOptions, TRACKING_OPTIONS } from './middleware-options.js';
import { inferenceRoutes, pathOf, RouteTable } from './routes.js';

const MAX_JSON_LENGTH = 4 << 20;

type Proceed = (call: TrackedCall | undefined) => unknown;

/** What a middleware does with requests, whichever the framework: tells which are for inference, and runs their handlers as calls. */
export class TrackedHandler {
  readonly maxJsonLength: number;
  readonly #routes: RouteTable | undefined;
  readonly #tracked: (request: InferenceRequest, proceed: () => unknown) => unknown;

  /** @param name of the middleware, for messages */
  constructor(options: MiddlewareOptions<never>, name: string) {
    checkMiddlewareOptions(options, name);
    this.maxJsonLength = options.maxJsonLength ?? MAX_JSON_LENGTH;
    if (options.endpointType === undefined) {
      this.#routes = new RouteTable({ ...inferenceRoutes, ...options.routes });
    }
    const handle = (_request: InferenceRequest, proceed: () => unknown): unknown => proceed();
    Object.defineProperty(handle, 'name', { value: name });
    const track = (options.tracker?.trackInference ?? trackInference) as (
      fn: typeof handle,
      options: TrackInferenceOptions,
    ) => typeof handle;
    this.#tracked = track(handle, {
      endpointType: ({ endpointType }: InferenceRequest) => endpointType,
      ...Object.fromEntries(
        TRACKING_OPTIONS.flatMap((key) => (options[key] === undefined ? [] : [[key, options[key]]])),
      ),
    } as TrackInferenceOptions);
  }

  /** What is asked for; undefined where it is not inference. */
  request<Raw>(
    raw: Raw,
    method: string | undefined = 'GET',
    url = '/',
    body?: unknown,
    signal?: AbortSignalLike,
  ): InferenceRequest<Raw> | undefined {
    if (this.#routes === undefined ? method === 'OPTIONS' || method === 'HEAD' : method !== 'POST') return undefined;
    const path = pathOf(url);
    const route = this.#routes?.find(path);
    if (this.#routes !== undefined && route === undefined) return undefined;
    const { endpointType, model } = route ?? {};
    const request = { method, path, endpointType, body: undefined, model, stream: undefined, raw, signal };
    learnBody(request, parsedBody(body, this.maxJsonLength));
    return request;
  }

  /** Runs the handler as a tracked function, which returns what `proceed` does. It gets no call where this request is not tracked. */
  run(request: InferenceRequest, proceed: Proceed): unknown {
    const outer = runningCall();
    return this.#tracked(request, () => {
      const call = runningCall();
      return proceed(call === outer ? undefined : call);
    });
  }

  /** Takes in a body that was read while the handler ran. */
  learn(request: InferenceRequest, call: TrackedCall, body: unknown): void {
    if (request.body !== undefined) return;
    if (learnBody(request, parsedBody(body, this.maxJsonLength))) call.rereads(request);
  }
}
