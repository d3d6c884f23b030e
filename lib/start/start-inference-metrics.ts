import { metrics as api } from '@opentelemetry/api';
import type { MetricProducer, MetricReader } from '@opentelemetry/sdk-metrics';
import { configureInference, defaultTracker } from '../default-tracker.js';
import { InferenceMetricProducer } from '../producer/index.js';
import { boundedShutdown } from './bounded-shutdown.js';
import { destinations, processEnvironment } from './environment.js';
import type { InferenceMetrics, ShutdownReport } from './inference-metrics.js';
import { optionalPeer } from './optional-peer.js';
import { prometheusReader } from './prometheus-reader.js';
import { describeProcess } from './resource.js';
import { checkStartOptions, type StartInferenceMetricsOptions } from './start-options.js';

declare const console: { warn(line: string): void };

/**
 * Starts inference metrics for an application that has set up no OpenTelemetry SDK of its own, over the official one.
 *
 * Without options the OTEL_* variables decide what is exported; nothing named there exports nothing. The default tracker
 * records here from then on, so one call at start-up is all; OpenTelemetry's global MeterProvider stays as it is.
 *
 * Needs `@opentelemetry/sdk-metrics` and `@opentelemetry/resources`, for `prometheus`
 * `@opentelemetry/exporter-prometheus`, for `otlp` `@opentelemetry/exporter-metrics-otlp-proto`.
 *
 * @throws TypeError for a wrong option, Error for a package that is missing or a port that is taken
 *
 * @example
 * const metrics = await startInferenceMetrics({ prometheus: true, otlp: true });
 * process.once('SIGTERM', async () => {
 *   await metrics.shutdown();
 *   process.exit(0);
 * });
 */
export async function startInferenceMetrics(options: StartInferenceMetricsOptions = {}): Promise<InferenceMetrics> {
  checkStartOptions(options);
  const say = options.log ?? ((line: string) => console.warn(line));
  const log = (line: string) => say(`track-inference: ${line}`);
  const env = processEnvironment();
  const wanted = destinations(options, env, log);
  const { MeterProvider } = await optionalPeer(
    'it',
    '@opentelemetry/sdk-metrics',
    () => import('@opentelemetry/sdk-metrics'),
  );
  const resource = await describeProcess(options.serviceName, options.resource);

  const producer = options.producer ? new InferenceMetricProducer() : undefined;
  const producers: MetricProducer[] = producer ? [producer] : [];
  const prometheus = wanted.prometheus && (await prometheusReader(wanted.prometheus, producers, env));
  const otlp = wanted.otlp && (await (await import('./otlp-reader.js')).otlpReader(wanted.otlp, producers, env, log));
  const readers: MetricReader[] = [prometheus?.reader, otlp?.reader].filter((reader) => reader !== undefined);
  const meterProvider = new MeterProvider({ resource, readers, views: [...(options.views ?? [])] });
  // Before anything global changes: a port that is taken leaves no trace.
  const prometheusUrl = await prometheus?.listen();

  const trackerOptions = { meterProvider, ...(producer && { sink: producer }) };
  const isGlobal = options.global === true && api.setGlobalMeterProvider(meterProvider);
  if (options.global && !isGlobal) log('This process has a global MeterProvider already; it stays.');
  // The default tracker follows the global provider by itself.
  if (options.tracker !== false && (!isGlobal || producer || options.tracker)) {
    if (defaultTracker().isConfigured) {
      log('configureInference was called before: @TrackInference records where that said.');
    }
    configureInference({ ...options.tracker, ...trackerOptions });
  }

  let report: Promise<ShutdownReport> | undefined;
  return {
    meterProvider,
    trackerOptions,
    prometheusUrl,
    async prometheusText() {
      if (!prometheus) throw new Error('startInferenceMetrics: prometheusText() needs the option prometheus.');
      return prometheus.text();
    },
    shutdown({ timeoutMilliseconds = 5_000 } = {}) {
      report ??= boundedShutdown(meterProvider, otlp?.exporter, timeoutMilliseconds).then((result) => {
        if (isGlobal && api.getMeterProvider() === meterProvider) api.disable();
        if (result.lost) log(`The last interval of metrics was lost: ${result.reason}.`);
        return result;
      });
      return report;
    },
  };
}
