import { runningCall } from './call/running-call.js';
import { fields } from './extraction/payload.js';
import { noteAsked } from './extraction/usage-asked.js';

/**
 * Asks an OpenAI-compatible backend to state the usage of a stream, which it does not do by itself: without it nobody
 * knows how many tokens the stream had.
 *
 * A request that says something about `stream_options.include_usage` itself, or is for no stream, is returned as it is.
 * Otherwise a copy is, and the extra chunk that the backend sends for it is kept from who reads the stream that the
 * tracked method returns: use it inside that method, or on what you call it with.
 *
 * @example
 * ```ts
 * @TrackInference('chat_completion')
 * async chatCompletion(params: ChatParams) {
 *   return this.client.chat.completions.create(withUsage(params));
 * }
 * ```
 */
export function withUsage<R extends object>(request: R): R {
  const { stream, stream_options } = fields<'stream' | 'stream_options'>(request);
  if (stream !== true || typeof fields<'include_usage'>(stream_options).include_usage === 'boolean') return request;
  const asking = { ...request, stream_options: { ...(stream_options as object), include_usage: true } };
  noteAsked(request);
  noteAsked(asking);
  runningCall()?.hideUsageChunk();
  return asking;
}
