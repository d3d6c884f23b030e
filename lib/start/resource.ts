import type { Attributes } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import { optionalPeer } from './optional-peer.js';

/**
 * What the metrics say they come from.
 *
 * `service.instance.id` is unique for each process unless it is set: without it the counters of several processes that
 * export by OTLP overwrite each other.
 */
export async function describeProcess(serviceName: string | undefined, own: Attributes = {}): Promise<Resource> {
  const { defaultResource, detectResources, envDetector, resourceFromAttributes, serviceInstanceIdDetector } =
    await optionalPeer('it', '@opentelemetry/resources', () => import('@opentelemetry/resources'));
  return defaultResource()
    .merge(detectResources({ detectors: [serviceInstanceIdDetector] }))
    .merge(detectResources({ detectors: [envDetector] }))
    .merge(resourceFromAttributes({ ...(serviceName && { 'service.name': serviceName }), ...own }));
}
