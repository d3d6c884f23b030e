import { describe } from '../options.js';

const WHERE = 'InferenceMetricProducer';

/** Throws a TypeError that says what to do if these are no options of an InferenceMetricProducer. */
export function checkProducerOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`${WHERE}: options must be an object, got ${describe(options)}.`);
  }
  const { temporality, ...others } = options as { temporality?: unknown };
  for (const name of Object.keys(others)) {
    throw new TypeError(`${WHERE}: unknown option "${name}"; which instruments are recorded is the tracker's choice.`);
  }
  if (temporality !== undefined && temporality !== 'cumulative' && temporality !== 'delta') {
    throw new TypeError(
      `${WHERE}: option "temporality" must be 'cumulative' or 'delta', got ${describe(temporality)}.`,
    );
  }
}
