import { createInferenceTracker, type TrackerOptions } from 'track-inference';
import { InferenceMetricProducer } from 'track-inference/producer';
import { useSdk } from './open-telemetry.js';

/** The ways to set this library up that are compared. */
export type Setup = 'default sink' | 'producer' | 'no provider';

/** A tracker in a process that is set up in that way. */
export function trackerFor(setup: Setup, options: TrackerOptions = {}) {
  if (setup === 'no provider') return createInferenceTracker({ provider: 'openai', ...options });
  if (setup === 'default sink') {
    useSdk();
    return createInferenceTracker({ provider: 'openai', ...options });
  }
  const producer = new InferenceMetricProducer();
  useSdk([producer]);
  return createInferenceTracker({ provider: 'openai', sink: producer, ...options });
}
