import cluster from 'node:cluster';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { InferenceMetrics } from 'track-inference/start';
import { createApp } from './app.js';
import { drain } from './drain.js';
import { InferenceRouter } from './inference-router.js';
import { startMetrics } from './metrics.js';
import { LocalProvider } from './providers/local/local-provider.js';
import { OpenAIProvider, type UpstreamOptions } from './providers/openai-provider.js';
import type { Provider } from './providers/provider.js';
import { RoutingTable } from './routing-table.js';
import { joinFleet } from './workers/worker.js';

export interface GatewayOptions {
  /** Where it listens. It asks nobody who they are, so other machines are an explicit choice. @default '127.0.0.1' */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port?: number;
  /** How fast the local model writes; 0 = as fast as it can. */
  readonly tokensPerSecond?: number;
  /** An OpenAI-compatible server, reached as `openai/<its model>`. */
  readonly upstream?: UpstreamOptions;
  /** Further providers. */
  readonly providers?: readonly Provider[];
  readonly maxBodyBytes?: number;
}

export interface Gateway {
  readonly url: string;
  readonly metrics: InferenceMetrics;
  /** Lets running requests finish for up to `deadlineMs`, then cuts them off. Returns whether it had to. Once only. */
  close(deadlineMs?: number): Promise<{ forced: boolean }>;
}

/** With the eight seconds for requests, just inside the ten that a supervisor waits. */
const METRICS_SHUTDOWN_MS = 1_200;

/** Starts the gateway; resolves when it listens. One at a time: it sets the global meter provider. */
export async function startGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const routingTable = new RoutingTable([
    new LocalProvider({ tokensPerSecond: options.tokensPerSecond ?? 50 }),
    ...(options.upstream ? [new OpenAIProvider(options.upstream)] : []),
    ...(options.providers ?? []),
  ]);
  let closing: Promise<{ forced: boolean }> | undefined;
  const metrics = await startMetrics();
  const ownText = () => metrics.prometheusText();
  const app = createApp({
    router: new InferenceRouter(routingTable),
    routingTable,
    prometheusText: cluster.isWorker ? joinFleet(ownText) : ownText,
    isDraining: () => closing !== undefined,
    maxBodyBytes: options.maxBodyBytes ?? 4 * 1024 * 1024,
  });
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  try {
    server.listen(options.port ?? 8080, options.host ?? '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    await metrics.shutdown();
    throw error;
  }

  async function close(deadlineMs: number): Promise<{ forced: boolean }> {
    const drained = await drain(server, deadlineMs);
    // Last, so that what the final requests recorded still reaches every reader.
    await metrics.shutdown({ timeoutMilliseconds: METRICS_SHUTDOWN_MS });
    return drained;
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    metrics,
    close(deadlineMs = 8_000) {
      closing ??= close(deadlineMs);
      return closing;
    },
  };
}
