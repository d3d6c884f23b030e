import type { TrackedCall } from '../../call/tracked-call.js';
import { Answer } from '../answer.js';
import { isClientGone, isComplete, type NodeResponse } from './http-messages.js';

declare const Buffer: { from(text: string, encoding: string): unknown };

const FOLLOWED = Symbol('track-inference.answer');

interface Followed extends NodeResponse {
  [FOLLOWED]: FollowedResponse;
}

interface FollowedResponse {
  readonly answer: Answer;
  /** Asked before the head is reported: by then somebody has read the request. */
  readonly onHead: () => void;
  readonly write: NodeResponse['write'];
  readonly end: NodeResponse['end'];
  readonly writeHead: NodeResponse['writeHead'];
}

/** The response was cut by this server, before it was complete. */
class AnswerCutError extends Error {
  override readonly name = 'AnswerCutError';
}

/**
 * The answer to a request, told of whatever is written to a response of Node, by whichever of its methods and through
 * whichever framework. A response that a middleware further out follows already has one.
 *
 * The methods in front pass everything on at once, with what they return, so back-pressure is the response's own.
 */
export function answerOn(
  res: NodeResponse,
  call: TrackedCall,
  maxJsonLength: number,
  onHead: () => void = () => {},
): Answer {
  const known = (res as Partial<Followed>)[FOLLOWED]?.answer;
  if (known !== undefined) return known;
  const answer = new Answer(call, res, maxJsonLength);
  const { write, end, writeHead } = res;
  // By assignment, as others do it with these: to define them would take ten times as long.
  Object.assign(res, {
    [FOLLOWED]: { answer, onHead, write, end, writeHead } satisfies FollowedResponse,
    write: followedWrite,
    end: followedEnd,
    writeHead: followedWriteHead,
  });
  res.on('finish', () => {
    if (isComplete(res)) answer.complete();
  });
  res.on('close', () => {
    if (answer.isOver) return;
    if (isComplete(res)) answer.complete();
    else if (isClientGone(res)) answer.left();
    else answer.failed(res.errored ?? new AnswerCutError('the server closed the connection midway'));
  });
  return answer;
}

function followedWrite(this: Followed, ...args: unknown[]): boolean {
  const { answer, write } = this[FOLLOWED];
  const goesOn = write.apply(this, args);
  tell(this, answer, args);
  return goesOn;
}

function followedEnd(this: Followed, ...args: unknown[]): unknown {
  const { answer, end } = this[FOLLOWED];
  const result = end.apply(this, args);
  tell(this, answer, args);
  return result;
}

/** Node calls it too, before the first byte of a response whose head nobody wrote. */
function followedWriteHead(this: Followed, ...args: unknown[]): unknown {
  const { answer, onHead, writeHead } = this[FOLLOWED];
  const result = writeHead.apply(this, args);
  if (!answer.hasHead) {
    onHead();
    reportHead(this, answer, typeof args[1] === 'string' ? args[2] : args[1]);
  }
  return result;
}

function reportHead(res: NodeResponse, answer: Answer, stated: unknown): void {
  // Headers that are passed to writeHead may never become the response's own.
  const header = (name: string): string | undefined => {
    const value = statedHeader(stated, name) ?? res.getHeader(name);
    return value === undefined || value === null ? undefined : String(value);
  };
  answer.head({
    status: res.statusCode,
    contentType: header('content-type'),
    contentEncoding: header('content-encoding'),
    contentLength: Number(header('content-length') ?? 0),
  });
}

function statedHeader(headers: unknown, name: string): unknown {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const pairs = Array.isArray(headers)
    ? Array.isArray(headers[0])
      ? headers
      : inPairs(headers)
    : Object.entries(headers);
  return pairs.find(([key]) => String(key).toLowerCase() === name)?.[1];
}

function inPairs(flat: readonly unknown[]): unknown[][] {
  return flat.flatMap((key, i) => (i % 2 === 0 ? [[key, flat[i + 1]]] : []));
}

function tell(res: NodeResponse, answer: Answer, [chunk, encoding]: readonly unknown[]): void {
  if (answer.isOver || res.destroyed) return;
  if (!answer.hasHead) reportHead(res, answer, undefined);
  if (chunk === undefined || chunk === null || typeof chunk === 'function') return;
  const isOtherText = typeof chunk === 'string' && typeof encoding === 'string' && !/^utf-?8$/i.test(encoding);
  answer.bytes(isOtherText ? Buffer.from(chunk, encoding) : chunk);
}
