// The server that every runtime runs: handlers of web requests behind trackFetch, and what was recorded, at /recorded.
import { metrics } from '@opentelemetry/api';
import { AggregationTemporality, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { trackInference } from 'track-inference';
import { sseResponse, trackFetch } from 'track-inference/middleware';

class Reader extends MetricReader {
  constructor() {
    super({ aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE });
  }
  async onForceFlush() {}
  async onShutdown() {}
}

// A framework may bundle this module once for each of its routes; there is one record all the same.
globalThis.recorded ??= { reader: new Reader(), closed: 0 };
const { recorded } = globalThis;
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [recorded.reader] }));

const usage = { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 };
const chunk = (content) => ({
  object: 'chat.completion.chunk',
  model: 'served',
  choices: [{ index: 0, delta: { content }, finish_reason: null }],
});
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function* words({ fails, isEndless }) {
  try {
    yield chunk('one');
    yield chunk('two');
    if (fails) throw new Error('the model failed');
    while (isEndless) {
      await pause(20);
      yield chunk('more');
    }
    yield { ...chunk(), choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };
    yield { ...chunk(), choices: [], usage };
  } finally {
    recorded.closed++;
  }
}

const model = trackInference(
  async (params) => {
    await pause(1);
    if (params.stream) return words(params);
    const message = { role: 'assistant', content: 'one two' };
    return { object: 'chat.completion', model: 'served', choices: [{ index: 0, message }], usage };
  },
  { provider: 'local' },
);

/** Answers by a tracked function inside, which joins its request. */
export const chat = trackFetch(async (request) => {
  const params = await request.json();
  if (params.waits) {
    const { signal } = request;
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  }
  const result = await model(params);
  return Symbol.asyncIterator in result ? sseResponse(result) : Response.json(result);
});

/** Passes request and answer through, as a gateway without router classes does. */
export const proxy = trackFetch((request) => {
  const upstream = request.headers.get('x-upstream');
  const headers = { 'content-type': 'application/json' };
  return fetch(upstream, { method: 'POST', headers, body: request.body, duplex: 'half', signal: request.signal });
});

export async function report() {
  const { resourceMetrics, errors } = await recorded.reader.collect();
  const rows = {};
  for (const { descriptor, dataPoints } of resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics)) {
    const name = descriptor.name.replace('llama_stack.inference.', '');
    rows[name] = dataPoints.map(({ attributes, value }) => ({ attributes, value: value.count ?? value }));
  }
  return Response.json({ rows, closed: recorded.closed, errors: errors.map(String) });
}

export function answer(request) {
  const { pathname } = new URL(request.url);
  if (pathname === '/recorded') return report();
  return pathname.startsWith('/proxy') ? proxy(request) : chat(request);
}

export default { fetch: answer };
