import { type AbortSignalLike, wasLeft } from '../call/cancellation.js';
import { leaveRequest } from '../call/left-requests.js';
import type { TrackedCall } from '../call/tracked-call.js';
import { audienceOf } from '../follow/audience.js';
import { type FetchResponse, fetchResponse, followResponse } from '../follow/fetch-response.js';
import { follow } from '../follow/follow.js';
import { isThenable } from '../thenable.js';
import { answerReader } from './answer-reader.js';
import type { MiddlewareOptions } from './middleware-options.js';
import { answerOn } from './node/follow-response.js';
import type { NodeResponse } from './node/http-messages.js';
import { RequestAudience } from './request-audience.js';
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
    const res = responseBehind(web, rest[0]);
    // Not asked for where it is not needed: a server may make one only then.
    const signal = res === undefined ? (web as { readonly signal?: Signal }).signal : undefined;
    const request = tracked.request(web, web.method, web.url, undefined, signal);
    if (request === undefined) return proceed(web);
    const { maxJsonLength } = tracked;
    let answered: unknown;
    const followed = tracked.run(request, (call) => {
      if (call === undefined) {
        answered = proceed(web);
        return answered;
      }
      const answer = res && answerOn(res, call, maxJsonLength);
      signal?.addEventListener?.('abort', () => wasLeft(signal) && leaveRequest(call), { once: true });
      answered = proceed(overlayRequest(web, maxJsonLength, (body) => tracked.learn(request, call, body)));
      if (answer !== undefined) return answer;
      const follows = (response: unknown): unknown => followAnswer(response, call, signal, maxJsonLength);
      return isThenable(answered) ? answered.then(follows) : follows(answered);
    });
    return res === undefined ? followed : answered;
  };
  return trackedFetch as (request: Req, ...rest: Rest) => Answer;
}

/**
 * The response of Node that a handler's Response is written to, where the server tells: `@hono/node-server` does, in
 * what Hono calls the bindings. What is written there tells all, and the Response need not be looked at: to ask one of
 * that server's for its body would cost as much as the rest of the request.
 *
 * A request that somebody else has made is not the one that is answered there.
 */
function responseBehind(request: object, bindings: unknown): NodeResponse | undefined {
  const { outgoing } = (bindings ?? {}) as { readonly outgoing?: Partial<NodeResponse> };
  if (typeof outgoing?.writeHead !== 'function' || outgoing.headersSent === true) return undefined;
  const { Request } = globalThis as { Request?: { readonly prototype: object } };
  return Object.getPrototypeOf(request) === Request?.prototype ? undefined : (outgoing as NodeResponse);
}

function followAnswer(
  answer: unknown,
  call: TrackedCall,
  signal: AbortSignalLike | undefined,
  maxJsonLength: number,
): unknown {
  if (wasLeft(signal)) leaveRequest(call);
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
  return followResponse(answer, { observer: new RequestAudience(call, answer), follow }, (onItem) =>
    answerReader(head, onItem, maxJsonLength),
  );
}
