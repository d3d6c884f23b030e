import { join } from 'node:path';
import type { MetricsServer } from './prometheus.js';
import { query } from './promql-client.js';
import { freePort, ServerProcess, temporaryFolder } from './server-process.js';

export interface OtlpServer {
  /** Where OTLP/protobuf metrics go. */
  readonly otlpUrl: string;
  stop(): Promise<void>;
}

export async function startVictoriaMetrics(): Promise<MetricsServer & OtlpServer> {
  const [folder, port] = await Promise.all([temporaryFolder(), freePort()]);
  const server = new ServerProcess('victoria-metrics', folder, [
    `-storageDataPath=${join(folder, 'data')}`,
    `-httpListenAddr=127.0.0.1:${port}`,
    '-search.latencyOffset=0s',
    '-search.disableCache',
    '-inmemoryDataFlushInterval=1s',
    '-opentelemetry.usePrometheusNaming',
    '-loggerLevel=WARN',
  ]);
  const url = `http://127.0.0.1:${port}`;
  await server.ready(`${url}/health`);
  return {
    url,
    otlpUrl: `${url}/opentelemetry/v1/metrics`,
    query: (expression) => query(url, expression),
    stop: () => server.stop(),
  };
}

/** Starts a vmagent that passes what it gets on to a Prometheus. */
export async function startVmagent(prometheus: MetricsServer): Promise<OtlpServer> {
  const [folder, port] = await Promise.all([temporaryFolder(), freePort()]);
  const server = new ServerProcess('vmagent', folder, [
    `-httpListenAddr=127.0.0.1:${port}`,
    `-remoteWrite.url=${prometheus.url}/api/v1/write`,
    `-remoteWrite.tmpDataPath=${join(folder, 'queue')}`,
    '-remoteWrite.flushInterval=200ms',
    '-remoteWrite.forcePromProto',
    '-opentelemetry.usePrometheusNaming',
    '-loggerLevel=WARN',
  ]);
  const url = `http://127.0.0.1:${port}`;
  await server.ready(`${url}/health`);
  return { otlpUrl: `${url}/opentelemetry/v1/metrics`, stop: () => server.stop() };
}
