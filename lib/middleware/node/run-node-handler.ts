import { runAs } from '../../call/running-call.js';
import type { TrackedCall } from '../../call/tracked-call.js';
import { follow } from '../../follow/follow.js';
import { type InferenceRequest, isJsonType } from '../inference-request.js';
import { RequestBody } from '../request-body.js';
import type { TrackedHandler } from '../tracked-handler.js';
import { answerOn } from './follow-response.js';
import type { NodeRequest, NodeResponse } from './http-messages.js';

/** Runs what answers a request as a tracked call, which lasts until the response is complete or cut. Returns what it returns. */
export function runNodeHandler<R>(
  handler: TrackedHandler,
  request: InferenceRequest,
  req: NodeRequest,
  res: NodeResponse,
  proceed: (call?: TrackedCall) => R,
): R {
  let result: R | undefined;
  handler.run(request, (call) => {
    if (call === undefined) {
      result = proceed();
      return undefined;
    }
    const { maxJsonLength } = handler;
    const answer = answerOn(res, call, maxJsonLength, () => handler.learn(request, call, req.body));
    if (request.body === undefined && isUnreadJson(req, maxJsonLength)) {
      follow(req, new RequestBody(maxJsonLength, (body) => handler.learn(request, call, body)));
    }
    if (req.readableEnded !== true) emitAs(call, req);
    result = proceed(call);
    return answer;
  });
  return result as R;
}

/** Whoever reads the body by listeners goes on in the context of the connection, were it not for this. */
function emitAs(call: TrackedCall, req: NodeRequest): void {
  const { emit } = req;
  req.emit = (...args: unknown[]) => runAs(call, emit, req, args) as boolean;
}

function isUnreadJson({ headers, readableEnded }: NodeRequest, maxLength: number): boolean {
  const { 'content-type': type, 'content-encoding': encoding = 'identity', 'content-length': length = 0 } = headers;
  return readableEnded !== true && isJsonType(type) && encoding === 'identity' && Number(length) <= maxLength;
}
