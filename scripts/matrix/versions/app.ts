// What the matrix compiles and runs against the packed package, as an application would have it: a decorated class, its
// selectors typed without annotation, a real MeterProvider with a reader in memory, and the producer beside the SDK's own
// aggregation. Fails, with what differs, unless every row is exact.
import { deepStrictEqual } from 'node:assert';
import { AggregationTemporality, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { configureInference, createInferenceTracker, currentInference, TrackInference } from 'track-inference';
import { InferenceMetricProducer } from 'track-inference/producer';

class Reader extends MetricReader {
  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}
}

interface Request {
  readonly model: string;
  readonly stream?: boolean;
}

let milliseconds = 0;
const now = (): number => milliseconds;
const cumulative = { aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE };
const chunk = (content: string) => ({ object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content } }] });
const usage = { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 };

async function* words() {
  milliseconds += 250;
  yield chunk('one');
  milliseconds += 750;
  yield { object: 'chat.completion.chunk', choices: [], usage };
}

const producer = new InferenceMetricProducer();
const ofProducer = createInferenceTracker({ sink: producer, now, provider: 'acme' });

class Router {
  readonly name = 'acme';

  // The types of `request` and `this` are inferred: an annotation in their place would hide a regression.
  @TrackInference({
    endpointType: 'chat_completion',
    model: (request) => request.model.toLowerCase(),
    provider(this) {
      return this.name;
    },
  })
  async chat(request: Request): Promise<AsyncIterable<object>> {
    await null;
    currentInference()?.setAttributes({ tier: 'free' });
    if (request.model === 'BROKEN') throw new Error('broken');
    return words();
  }

  @ofProducer.TrackInference({ model: (request) => request.model.toLowerCase() })
  async complete(request: Request): Promise<AsyncIterable<object>> {
    if (request.model === 'BROKEN') throw new Error('broken');
    return words();
  }

  // @ts-expect-error: there is no such member of the request
  @TrackInference({ model: (request) => request.modle })
  mistyped(_request: Request): void {}
}

async function use(method: (request: Request) => Promise<AsyncIterable<object>>): Promise<void> {
  for await (const _ of await method({ model: 'M', stream: true })) milliseconds += 0;
  await method({ model: 'BROKEN' }).catch(() => undefined);
}

async function rowsOf(reader: Reader): Promise<string[]> {
  const { resourceMetrics } = await reader.collect();
  return resourceMetrics.scopeMetrics
    .flatMap(({ metrics }) => metrics)
    .flatMap(({ descriptor, dataPoints }) =>
      (dataPoints as { attributes: Record<string, unknown>; value: unknown }[]).map(({ attributes, value }) => {
        const { model, provider, tier, status } = attributes;
        const figure = typeof value === 'number' ? value : (value as { count: number; sum: number }).sum;
        return [descriptor.name.split('.').pop(), model, provider, tier ?? '-', status ?? '-', figure].join(' ');
      }),
    )
    .sort();
}

function expected(tier: string): string[] {
  return [
    `concurrent_requests broken acme ${tier} - 0`,
    `concurrent_requests m acme ${tier} - 0`,
    `inference_duration_seconds broken acme ${tier} error 0`,
    `inference_duration_seconds m acme ${tier} success 1`,
    `request_duration_seconds broken acme ${tier} error 0`,
    `request_duration_seconds m acme ${tier} success 1`,
    `requests_total broken acme ${tier} error 1`,
    `requests_total m acme ${tier} error 0`,
    `requests_total m acme ${tier} success 1`,
    `time_to_first_token_seconds m acme ${tier} success 0.25`,
    `tokens_per_second m acme ${tier} success 30`,
  ].sort();
}

async function main(): Promise<void> {
  const reader = new Reader(cumulative);
  configureInference({ meterProvider: new MeterProvider({ readers: [reader] }), now });
  const behindProducer = new Reader({ ...cumulative, metricProducers: [producer] });
  new MeterProvider({ readers: [behindProducer] });
  const router = new Router();
  await use((request) => router.chat(request));
  await use((request) => router.complete(request));
  const rows = await rowsOf(reader);
  // Before its tier is known, a call is in flight without one.
  deepStrictEqual(
    rows.filter((row) => !/ - - 0$/.test(row)),
    expected('free'),
  );
  deepStrictEqual(await rowsOf(behindProducer), expected('-'));
  console.log('exact');
}

void main();
