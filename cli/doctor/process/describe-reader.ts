import type { ObservedReader } from '../probe/observed.js';

/** `PeriodicExportingMetricReader (OTLPMetricExporter to http://localhost:4318/v1/metrics)` */
export function describeReader({ className, exporter, url }: ObservedReader): string {
  if (exporter === undefined) return className;
  return `${className} (${exporter}${url ? ` to ${withoutSecrets(url)}` : ''})`;
}

/** Some back ends take their key in the URL. */
function withoutSecrets(url: string): string {
  try {
    const { origin, pathname } = new URL(url);
    return origin + pathname;
  } catch {
    return url;
  }
}

/** Whether Prometheus gets what this reader collects: by scrape, or over its OTLP receiver. */
export function feedsPrometheus({ className, url }: ObservedReader): boolean {
  return className.includes('Prometheus') || (url?.includes('/api/v1/otlp') ?? false);
}
