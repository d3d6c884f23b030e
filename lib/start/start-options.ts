import type { Attributes } from '@opentelemetry/api';
import type { ViewOptions } from '@opentelemetry/sdk-metrics';
import type { TrackerOptions } from '../tracker-options.js';

/** Where Prometheus finds what it scrapes. */
export interface PrometheusEndpointOptions {
  /** False opens no port: an application that has a web server answers with `prometheusText()`. @default true */
  server?: boolean | undefined;
  /** The address that is listened on. @default OTEL_EXPORTER_PROMETHEUS_HOST, else 127.0.0.1 */
  host?: string | undefined;
  /** 0 takes any that is free. @default OTEL_EXPORTER_PROMETHEUS_PORT, else 9464 */
  port?: number | undefined;
  /** Where the metrics are on it. @default '/metrics' */
  path?: string | undefined;
}

/** Where OTLP goes. What is left out comes from the OTEL_EXPORTER_OTLP_* variables. */
export interface OtlpOptions {
  /** The whole address, `/v1/metrics` included. @default the variables', else http://localhost:4318/v1/metrics */
  url?: string | undefined;
  /** Sent with every export, as for authorization. @default OTEL_EXPORTER_OTLP_METRICS_HEADERS, else OTEL_EXPORTER_OTLP_HEADERS */
  headers?: Readonly<Record<string, string>> | undefined;
  /** The time between two exports. @default OTEL_METRIC_EXPORT_INTERVAL, else 60,000 */
  exportIntervalMilliseconds?: number | undefined;
  /** How long one export may take, retries included. @default OTEL_METRIC_EXPORT_TIMEOUT, else 30,000; never more than the interval */
  exportTimeoutMilliseconds?: number | undefined;
}

/** Where inference metrics go, and with which settings. */
export interface StartInferenceMetricsOptions {
  /** Lets Prometheus scrape. @default whether OTEL_METRICS_EXPORTER names `prometheus` */
  prometheus?: boolean | PrometheusEndpointOptions | undefined;
  /** Exports OTLP/protobuf. @default whether OTEL_METRICS_EXPORTER names `otlp`, or, where that is not set, an OTLP endpoint is */
  otlp?: boolean | OtlpOptions | undefined;
  /** Aggregates with `InferenceMetricProducer`, at a small part of the cost; Views do not apply then. @default false */
  producer?: boolean | undefined;
  /** Also makes the MeterProvider OpenTelemetry's global one, for other instrumentation in the process. @default false */
  global?: boolean | undefined;
  /**
   * Further settings of the default tracker, the one behind `@TrackInference`, which is pointed here. False leaves it
   * alone: make trackers of your own from `trackerOptions`. @default {}
   */
  tracker?: Omit<TrackerOptions, 'meterProvider' | 'sink'> | false | undefined;
  /** `service.name`. @default OTEL_SERVICE_NAME, or what OTEL_RESOURCE_ATTRIBUTES says */
  serviceName?: string | undefined;
  /** Attributes of the resource, over those of OTEL_RESOURCE_ATTRIBUTES. @default a `service.instance.id` for each process */
  resource?: Attributes | undefined;
  /** For example exponential histograms; without effect under `producer`. @default none */
  views?: readonly ViewOptions[] | undefined;
  /** Gets the few lines there are: delivery fails, works again, the last interval was lost. @default console.warn */
  log?: ((line: string) => void) | undefined;
}

const OPTIONS: { readonly [option in keyof StartInferenceMetricsOptions]-?: (value: unknown) => boolean } = {
  prometheus: isSwitchOrObject,
  otlp: isSwitchOrObject,
  producer: isBoolean,
  global: isBoolean,
  tracker: (value) => value === false || isObject(value),
  serviceName: (value) => typeof value === 'string' && value !== '',
  resource: isObject,
  views: Array.isArray,
  log: (value) => typeof value === 'function',
};

/** Throws a TypeError that names the option and what it should be. */
export function checkStartOptions(options: unknown): void {
  if (!isObject(options)) throw new TypeError('startInferenceMetrics: options must be an object.');
  for (const [name, value] of Object.entries(options)) {
    const isValid = Object.hasOwn(OPTIONS, name) ? OPTIONS[name as keyof typeof OPTIONS] : undefined;
    if (isValid === undefined) {
      throw new TypeError(
        `startInferenceMetrics: unknown option "${name}"; the options are ${Object.keys(OPTIONS).join(', ')}.`,
      );
    }
    if (value !== undefined && !isValid(value)) {
      throw new TypeError(`startInferenceMetrics: option "${name}" has a value of the wrong kind (${typeof value}).`);
    }
  }
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isSwitchOrObject(value: unknown): boolean {
  return isBoolean(value) || isObject(value);
}
