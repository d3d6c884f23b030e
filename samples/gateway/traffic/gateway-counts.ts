import { setTimeout as sleep } from 'node:timers/promises';
import { type PrometheusSample, parsePrometheusText } from './prometheus-text.js';

const PREFIX = 'llama_stack_inference_';

/** The gateway's own request counts, by {@link countKey}. */
export type GatewayCounts = ReadonlyMap<string, number>;

export function countKey(endpointType: string, stream: boolean, status: string): string {
  return `${endpointType} ${stream} ${status}`;
}

export async function readGatewayCounts(url: string): Promise<GatewayCounts> {
  const counts = new Map<string, number>();
  for (const { labels, value } of (await scrape(url)).filter(({ name }) => name === `${PREFIX}requests_total`)) {
    const { endpoint_type: endpointType = '', stream, status = '' } = labels;
    const key = countKey(endpointType, stream === 'true', status);
    counts.set(key, (counts.get(key) ?? 0) + value);
  }
  return counts;
}

/** A gateway hears of a client that left a moment after the client: waits until nothing is in flight, or `deadlineMs`. */
export async function untilIdle(url: string, deadlineMs: number): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (performance.now() < deadline) {
    const concurrent = (await scrape(url)).filter(({ name }) => name === `${PREFIX}concurrent_requests`);
    if (concurrent.every(({ value }) => value === 0)) return;
    await sleep(50);
  }
}

async function scrape(url: string): Promise<PrometheusSample[]> {
  const response = await fetch(new URL('/metrics', url));
  return parsePrometheusText(await response.text());
}
