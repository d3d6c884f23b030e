import type OpenAI from 'openai';
import { isUsageUnexpected } from '../../lib/extraction/usage-asked.js';
import { withUsage } from '../../lib/with-usage.js';

describe('withUsage', () => {
  it('asks for the usage of a stream, on a copy', () => {
    const request = { model: 'm', stream: true };
    const asking = withUsage(request);

    expect(asking).toEqual({ model: 'm', stream: true, stream_options: { include_usage: true } });
    expect(request).toEqual({ model: 'm', stream: true });
    expect([request, asking].map(isUsageUnexpected)).toEqual([true, true]);
  });

  it.each([
    ['null', null],
    ['other options', { include_obfuscation: false }],
    ['no choice', { include_usage: undefined }],
  ])('merges with stream options of %s', (_what, stream_options) => {
    expect(withUsage({ stream: true, stream_options }).stream_options).toEqual({
      ...stream_options,
      include_usage: true,
    });
  });

  it.each([
    ['asks itself', { stream: true, stream_options: { include_usage: true } }],
    ['does not want it', { stream: true, stream_options: { include_usage: false } }],
    ['is for no stream', { stream: false }],
    ['says nothing of a stream', { model: 'm' }],
  ])('returns a request as it is that %s', (_what, request) => {
    expect(withUsage(request)).toBe(request);
    expect(isUsageUnexpected(request)).toBe(false);
  });

  it("keeps the type of the request, for the SDK's overloads", () => {
    const streaming: OpenAI.ChatCompletionCreateParamsStreaming = withUsage({
      model: 'm',
      messages: [],
      stream: true as const,
    });
    const either: OpenAI.ChatCompletionCreateParams = withUsage(streaming as OpenAI.ChatCompletionCreateParams);

    expect(either.stream).toBe(true);
  });
});
