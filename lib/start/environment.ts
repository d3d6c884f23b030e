import type { OtlpOptions, PrometheusEndpointOptions, StartInferenceMetricsOptions } from './start-options.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What is to be exported, after options and environment have been asked; `undefined` for what is not. */
export interface Destinations {
  readonly prometheus: PrometheusEndpointOptions | undefined;
  readonly otlp: OtlpOptions | undefined;
}

/** The process's environment variables; none where there is no process. */
export function processEnvironment(): Environment {
  return (globalThis as { process?: { env?: Environment } }).process?.env ?? {};
}

/**
 * Options first, then OTEL_METRICS_EXPORTER, then whether an OTLP endpoint is set. OTEL_SDK_DISABLED=true turns
 * everything off, options included: it is how an operator silences a process.
 */
export function destinations(
  options: StartInferenceMetricsOptions,
  env: Environment,
  log: (line: string) => void,
): Destinations {
  if (env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true') return { prometheus: undefined, otlp: undefined };
  const named = env['OTEL_METRICS_EXPORTER']
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const unknown = named?.filter((name) => !['otlp', 'prometheus', 'none'].includes(name)) ?? [];
  if (unknown.length > 0)
    log(`OTEL_METRICS_EXPORTER=${unknown.join(',')} is not known here: otlp, prometheus or none.`);
  const isNamed = (name: string, otherwise: boolean) =>
    named && named.length > 0 ? named.includes(name) && !named.includes('none') : otherwise;
  return {
    prometheus: switched(options.prometheus, isNamed('prometheus', false)),
    otlp: switched(options.otlp, isNamed('otlp', otlpEndpoint(env) !== undefined)),
  };
}

function switched<O extends object>(option: boolean | O | undefined, otherwise: boolean): O | undefined {
  const decided = option ?? otherwise;
  if (typeof decided === 'object') return decided;
  return decided ? ({} as O) : undefined;
}

/** The address that the OTLP exporter takes from the variables. */
export function otlpEndpoint(env: Environment): string | undefined {
  const own = env['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT']?.trim();
  if (own) return own;
  const base = env['OTEL_EXPORTER_OTLP_ENDPOINT']?.trim();
  return base ? `${base.replace(/\/$/, '')}/v1/metrics` : undefined;
}

/** A variable in milliseconds; what is no positive number counts as not set, as the specification has it. */
export function milliseconds(env: Environment, name: string): number | undefined {
  const value = Number(env[name]?.trim() || Number.NaN);
  return value > 0 && value < Infinity ? value : undefined;
}
