import { type AbortSignalLike, wasLeft } from '../call/cancellation.js';
import type { TrackedCall } from '../call/tracked-call.js';
import { audienceOf } from '../follow/audience.js';
import { type FetchResponse, fetchResponse, followResponse } from '../follow/fetch-response.js';
import { follow } from '../follow/follow.js';
import { isThenable } from '../thenable.js';
import { answerReader } from './answer-reader.js';
import type { MiddlewareOptions } from './middleware-options.js';
import { overlayRequest, type WebRequest } from './request-overlay.js';
import { TrackedHandler } from './tracked-handler.js';

/** Workers tell by it alone who has left, and run nothing more for them than its listeners. */
interface Signal extends AbortSignalLike {
  addEventListener?(type: 'abort', listener: () => void, options: { once: boolean }): void;
}

/**
 * Gives a handler of web requests that does what `handler` does and records the inference metrics of each request for
 * inference: which those are, the routes say. For Hono (`app.fetch`), Next's route handlers, Bun, Deno and Workers.
 *
 * The body is read by the handler alone: its model is known once the handler has read it. The answer's body is read as
 * the client takes it. A client that leaves aborts `request.signal`, or cancels the answer's body.
 *
 * @throws TypeError if `handler` is not a function, or an option has a wrong value
 */
export function trackFetch<Req extends WebRequest, Rest extends unknown[], Answer>(
  handler: (request: Req, ...rest: Rest) => Answer,
  options: MiddlewareOptions<Req> = {},
): (request: Req, ...rest: Rest) => Answer {
  if (typeof handler !== 'function') throw new TypeError('trackFetch: the first argument must be a function.');
  const tracked = new TrackedHandler(options, 'trackFetch');
  const trackedFetch = function (this: unknown, web: Req, ...rest: Rest): unknown {
    const proceed = (request: Req): unknown => Reflect.apply(handler, this, [request, ...rest]);
    const { method, url, signal } = web as WebRequest & { readonly signal?: Signal };
    const request = tracked.request(web, method, url, undefined, signal);
    if (request === undefined) return proceed(web);
    return tracked.run(request, (call) => {
      if (call === undefined) return proceed(web);
      signal?.addEventListener?.('abort', () => wasLeft(signal) && call.left(), { once: true });
      const { maxJsonLength } = tracked;
      const answered = proceed(overlayRequest(web, maxJsonLength, (body) => tracked.learn(request, call, body)));
      const followed = (answer: unknown): unknown => followAnswer(answer, call, signal, maxJsonLength);
      return isThenable(answered) ? answered.then(followed) : followed(answered);
    });
  };
  return trackedFetch as (request: Req, ...rest: Rest) => Answer;
}

function followAnswer(
  answer: unknown,
  call: TrackedCall,
  signal: AbortSignalLike | undefined,
  maxJsonLength: number,
): unknown {
  if (wasLeft(signal)) call.left();
  if (typeof answer !== 'object' || answer === null || !fetchResponse.recognizes(answer)) return answer;
  // One that a tracked method inside the handler returned is read already.
  if (audienceOf(answer) !== undefined) return answer;
  const { headers, status } = answer as FetchResponse;
  const head = {
    status,
    contentType: headers.get('content-type') ?? undefined,
    contentEncoding: headers.get('content-encoding') ?? undefined,
    contentLength: Number(headers.get('content-length') ?? 0),
  };
  return followResponse(answer, { observer: call, follow }, (onItem) => answerReader(head, onItem, maxJsonLength));
}
