import { type Finding, ok, problem, warn } from '../finding.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether the OTEL_* variables silence metrics, or make them unfit for Prometheus. */
export function checkOtelVariables(env: Environment): Finding[] {
  const read = (name: string) => env[name]?.trim() ?? '';
  const findings = [
    ...disabled(read('OTEL_SDK_DISABLED')),
    ...exporter(read('OTEL_METRICS_EXPORTER')),
    ...temporality(read('OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE')),
    ...interval(read('OTEL_METRIC_EXPORT_INTERVAL')),
    ...endpoint(read('OTEL_EXPORTER_OTLP_METRICS_ENDPOINT')),
  ];
  if (findings.length > 0) return findings;
  const set = Object.keys(env).filter((name) => name.startsWith('OTEL_'));
  return [ok(set.length > 0 ? `OTEL_* variables: ${set.sort().join(', ')}` : 'No OTEL_* variables are set')];
}

function disabled(value: string): Finding[] {
  if (value.toLowerCase() !== 'true') return [];
  return [problem('OTEL_SDK_DISABLED=true turns every metric off', 'Unset it where metrics are wanted.')];
}

function exporter(value: string): Finding[] {
  const names = value.split(',').map((name) => name.trim());
  if (!names.includes('none')) return [];
  return [
    problem(
      `OTEL_METRICS_EXPORTER=${value} exports no metrics`,
      'Set it to otlp or prometheus, or unset it and export in code.',
    ),
  ];
}

function temporality(value: string): Finding[] {
  const name = 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE';
  const preference = value.toLowerCase();
  if (preference === '' || preference === 'cumulative') return [];
  if (preference === 'delta' || preference === 'lowmemory') {
    return [
      warn(
        `${name}=${value}: right for Datadog, Dynatrace and the like; Prometheus refuses it or adds it up wrong`,
        `For Prometheus, Mimir, VictoriaMetrics: ${name}=cumulative`,
      ),
    ];
  }
  return [warn(`${name}=${value} is not known, so it counts as cumulative`, 'Values: cumulative, delta, lowmemory.')];
}

function interval(value: string): Finding[] {
  if (value === '') return [];
  const milliseconds = Number(value);
  if (!(milliseconds > 0)) {
    return [warn(`OTEL_METRIC_EXPORT_INTERVAL=${value} is no number of milliseconds`, 'For a minute: 60000')];
  }
  if (milliseconds < 1_000) {
    return [warn(`OTEL_METRIC_EXPORT_INTERVAL=${value} is in milliseconds: ${1_000 / milliseconds} exports a second`)];
  }
  return [];
}

function endpoint(value: string): Finding[] {
  if (value === '') return [];
  try {
    if (new URL(value).pathname !== '/') return [];
  } catch {
    return [
      warn(`OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=${value} is not a URL`, 'As in http://localhost:4318/v1/metrics'),
    ];
  }
  return [
    warn(
      `OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=${value} has no path, and is used as it stands`,
      `${value.replace(/\/$/, '')}/v1/metrics; only OTEL_EXPORTER_OTLP_ENDPOINT gets the path added`,
    ),
  ];
}
