import { type Finding, ok, problem, warn } from '../finding.js';
import { canUseGlobalOf } from '../installed/api-copies.js';
import type { Observed } from '../probe/observed.js';

/** Whether a MeterProvider is there once the entry has run, and track-inference sees it. */
export function checkProvider(observed: Observed, entry: string): Finding[] {
  const { provider, apiVersion = '' } = observed;
  if (observed.entry.state === 'failed' || observed.loadError !== undefined) return [];
  if (provider === undefined) return [whyNone(observed, entry)];
  if (provider.isShutDown) {
    return [
      problem(
        `The MeterProvider is shut down already, so it records nothing more`,
        `See where ${entry} calls shutdown().`,
      ),
    ];
  }
  const registered = observed.apiGlobals.find(({ registered }) => registered.includes('metrics'));
  const where =
    provider.source === 'global'
      ? `registered through @opentelemetry/api ${registered?.version ?? apiVersion}`
      : 'given to track-inference itself, not global';
  const findings = [ok(`A MeterProvider is there (${provider.className}), ${where}`)];
  if (provider.lateMilliseconds > 0) {
    findings.push(
      warn(
        `It came ${provider.lateMilliseconds} ms after ${entry} had run: calls before that are not recorded`,
        'Await what starts telemetry before the server listens.',
      ),
    );
  }
  if (provider.isForeign) {
    findings.push(warn('It is not the official SDK’s: its readers, and what arrives there, could not be looked into'));
  } else if (observed.readers.length === 0) {
    findings.push(
      problem(
        'It has no reader, so the metrics go nowhere',
        'new MeterProvider({ readers: [new PrometheusExporter()] }), or a PeriodicExportingMetricReader',
      ),
    );
  }
  return findings;
}

function whyNone({ apiGlobals, apiVersion = '' }: Observed, entry: string): Finding {
  const elsewhere = apiGlobals.find(
    ({ version, registered }) => registered.includes('metrics') && !canUseGlobalOf(apiVersion, version),
  );
  if (elsewhere !== undefined) {
    return problem(
      `A MeterProvider is registered through @opentelemetry/api ${elsewhere.version}, which track-inference with its ${apiVersion} cannot see`,
      'Two copies of the API are installed; see above.',
    );
  }
  const [others] = apiGlobals;
  const start = "Or let track-inference do it: import { startInferenceMetrics } from 'track-inference/start'";
  if (others !== undefined && others.registered.length > 0) {
    return problem(
      `${entry} registers ${others.registered.join(', ')} and no MeterProvider`,
      'NodeSDK makes one only if it gets metricReaders, or OTEL_METRICS_EXPORTER names an exporter.',
      'If metrics are set up: another version of the API that registered first shuts them out (see the copies above).',
      start,
    );
  }
  return problem(
    `No MeterProvider is registered once ${entry} has run`,
    'metrics.setGlobalMeterProvider(new MeterProvider({ readers: [...] })), with metrics from @opentelemetry/api',
    start,
    'Is telemetry set up in another file? --entry that one, or --import it first.',
  );
}
