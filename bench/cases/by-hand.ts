import { metrics } from '@opentelemetry/api';
import { llamaStack } from 'track-inference';
import type { ChatChunk, ChatMethod, ChatRequest, ChatResponse } from './chat.js';

/** The six instruments, made once, as a careful person makes them. */
function instruments() {
  const meter = metrics.getMeter(llamaStack.meter, '1.0.0');
  const [requests, requestDuration, tokensPerSecond, inferenceDuration, timeToFirstToken] = llamaStack.settled;
  const histogram = ({ name, unit, boundaries }: { name: string; unit: string; boundaries: readonly number[] }) =>
    meter.createHistogram(name, { unit, advice: { explicitBucketBoundaries: [...boundaries] } });
  return {
    concurrent: meter.createUpDownCounter(llamaStack.inFlight.name, { unit: '{request}' }),
    requests: meter.createCounter(requests.name, { unit: '{request}' }),
    requestDuration: histogram(requestDuration),
    tokensPerSecond: histogram(tokensPerSecond),
    inferenceDuration: histogram(inferenceDuration),
    timeToFirstToken: histogram(timeToFirstToken),
  };
}

function labelsOf(request: ChatRequest) {
  return { model: request.model, provider: 'openai', endpoint_type: 'chat_completion', stream: request.stream };
}

/** A method with its recordings written out around the call. */
export function byHand(complete: ChatMethod<ChatResponse>): ChatMethod<ChatResponse> {
  const { concurrent, requests, requestDuration, tokensPerSecond, inferenceDuration } = instruments();
  return async function chatCompletion(request) {
    const labels = labelsOf(request);
    const start = performance.now();
    let status = 'error';
    let tokens = 0;
    let modelSeconds = 0;
    concurrent.add(1, labels);
    try {
      const response = await complete(request);
      modelSeconds = (performance.now() - start) / 1000;
      tokens = response.usage.total_tokens;
      status = 'success';
      return response;
    } finally {
      const seconds = (performance.now() - start) / 1000;
      const settled = { ...labels, status };
      concurrent.add(-1, labels);
      requests.add(1, settled);
      requestDuration.record(seconds, settled);
      inferenceDuration.record(modelSeconds, settled);
      if (tokens > 0) tokensPerSecond.record(tokens / seconds, settled);
    }
  };
}

/** The same for a stream: the recordings sit in a generator around the back end's. */
export function streamByHand(complete: ChatMethod<AsyncIterable<ChatChunk>>): ChatMethod<AsyncIterable<ChatChunk>> {
  const { concurrent, requests, requestDuration, tokensPerSecond, inferenceDuration, timeToFirstToken } = instruments();
  return async function chatCompletion(request) {
    const labels = labelsOf(request);
    const start = performance.now();
    concurrent.add(1, labels);
    const record = (status: string, firstToken: number, tokens: number) => {
      const seconds = (performance.now() - start) / 1000;
      const settled = { ...labels, status };
      concurrent.add(-1, labels);
      requests.add(1, settled);
      requestDuration.record(seconds, settled);
      inferenceDuration.record(seconds, settled);
      if (tokens > 0) tokensPerSecond.record(tokens / seconds, settled);
      if (firstToken > 0) timeToFirstToken.record((firstToken - start) / 1000, settled);
    };
    let source: AsyncIterable<ChatChunk>;
    try {
      source = await complete(request);
    } catch (error) {
      record('error', 0, 0);
      throw error;
    }
    return (async function* () {
      let status = 'cancelled';
      let firstToken = 0;
      let tokens = 0;
      try {
        for await (const chunk of source) {
          if (firstToken === 0 && chunk.choices[0]?.delta.content) firstToken = performance.now();
          if (chunk.usage) tokens = chunk.usage.total_tokens;
          yield chunk;
        }
        status = 'success';
      } catch (error) {
        status = 'error';
        throw error;
      } finally {
        record(status, firstToken, tokens);
      }
    })();
  };
}
