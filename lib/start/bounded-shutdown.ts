import type { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { ShutdownReport } from './inference-metrics.js';
import type { WatchedExporter } from './watched-exporter.js';

declare function setTimeout(callback: () => void, milliseconds: number): { unref?(): void };
declare function clearTimeout(timer: unknown): void;

/** Shuts down, which exports a last time, and comes back in time whatever the back end does. Never rejects. */
export async function boundedShutdown(
  meterProvider: MeterProvider,
  exporter: WatchedExporter | undefined,
  timeoutMilliseconds: number,
): Promise<ShutdownReport> {
  const begunBefore = exporter?.begun ?? 0;
  let timer: unknown;
  const timeout = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${timeoutMilliseconds} ms`), timeoutMilliseconds);
  });
  const ended = meterProvider.shutdown().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  const trouble = await Promise.race([ended, timeout]);
  clearTimeout(timer);
  const reason = trouble ?? (exporter && exporter.begun > begunBefore ? exporter.lostSince(begunBefore) : undefined);
  return reason === undefined || exporter === undefined ? { lost: false } : { lost: true, reason };
}
