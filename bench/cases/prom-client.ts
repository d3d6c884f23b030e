import { llamaStack } from 'track-inference';
import type { ChatMethod, ChatResponse } from './chat.js';
import { peer } from './peer.js';

interface Gauge {
  inc(): void;
  dec(): void;
}
interface PromClient {
  Counter: new (options: object) => { labels(labels: object): { inc(): void } };
  Gauge: new (options: object) => { labels(labels: object): Gauge };
  Histogram: new (options: object) => { labels(labels: object): { observe(value: number): void } };
}

const LABELS = ['model', 'provider', 'endpoint_type', 'stream'];

/** Written out by hand on prom-client, its handles bound to their labels before the first request: its fastest use. */
export function promClientHandles(complete: ChatMethod<ChatResponse>): ChatMethod<ChatResponse> {
  const { Counter, Gauge, Histogram } = peer<PromClient>('prom-client');
  const labels = { model: 'gpt-4o-mini', provider: 'openai', endpoint_type: 'chat_completion', stream: 'false' };
  const settled = { ...labels, status: 'success' };
  const [, requestDuration, tokensPerSecond, inferenceDuration] = llamaStack.settled;
  const histogram = ({ name, boundaries }: { name: string; boundaries: readonly number[] }) =>
    new Histogram({
      name: name.replaceAll('.', '_'),
      help: name,
      buckets: [...boundaries],
      labelNames: [...LABELS, 'status'],
    }).labels(settled);
  const concurrent = new Gauge({ name: 'concurrent_requests', help: 'in flight', labelNames: LABELS }).labels(labels);
  const requests = new Counter({ name: 'requests_total', help: 'all', labelNames: [...LABELS, 'status'] });
  const succeeded = requests.labels(settled);
  const durations = histogram(requestDuration);
  const inferences = histogram(inferenceDuration);
  const rates = histogram(tokensPerSecond);

  return async function chatCompletion(request) {
    const start = performance.now();
    concurrent.inc();
    try {
      const response = await complete(request);
      const modelSeconds = (performance.now() - start) / 1000;
      const seconds = (performance.now() - start) / 1000;
      succeeded.inc();
      durations.observe(seconds);
      inferences.observe(modelSeconds);
      rates.observe(response.usage.total_tokens / seconds);
      return response;
    } finally {
      concurrent.dec();
    }
  };
}
