import { describe } from '../options.js';
import { checkTrackerOptions } from '../tracker-options.js';

const WHERE = 'InferenceMetricProducer';
const OPTIONS = ['temporality', 'vocabularies', 'buckets'];

/** Throws a TypeError that says what to do if these are no options of an InferenceMetricProducer. */
export function checkProducerOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`${WHERE}: options must be an object, got ${describe(options)}.`);
  }
  const { temporality, ...asOfTracker } = options as { temporality?: unknown };
  for (const name of Object.keys(asOfTracker)) {
    if (OPTIONS.includes(name)) continue;
    throw new TypeError(`${WHERE}: unknown option "${name}"; the options are ${OPTIONS.join(', ')}.`);
  }
  if (temporality !== undefined && temporality !== 'cumulative' && temporality !== 'delta') {
    throw new TypeError(
      `${WHERE}: option "temporality" must be 'cumulative' or 'delta', got ${describe(temporality)}.`,
    );
  }
  checkTrackerOptions(asOfTracker, WHERE);
}
