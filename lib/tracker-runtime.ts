import { tokenExtractors } from './extraction/default-registry.js';
import type { TokenExtractorRegistry } from './extraction/registry.js';
import type { InferenceStatus } from './metrics/attributes.js';
import { bucketsByName } from './metrics/bucket-options.js';
import type { CustomAttributes } from './metrics/custom-attributes.js';
import { LabelSets } from './metrics/label-sets.js';
import type { InferenceSink } from './metrics/sinks/inference-sink.js';
import { OpenTelemetrySink } from './metrics/sinks/opentelemetry-sink.js';
import { llamaStack } from './metrics/vocabularies/llama-stack.js';
import type { TrackerOptions } from './tracker-options.js';

declare const performance: { now(): number };

/** What the calls of one tracker share while they run: its settings, its labels, its sink and its clock. */
export class TrackerRuntime {
  readonly sink: InferenceSink;
  readonly labels: LabelSets;
  readonly provider: string | undefined;
  readonly attributes: CustomAttributes | undefined;
  readonly throughput: 'total' | 'output';
  readonly cancelledAs: InferenceStatus;
  readonly asyncContext: boolean;
  readonly excludeConsumerTime: boolean;
  /** The latest reading of the clock by any call, in milliseconds. */
  latestReading = 0;
  readonly #extractors: TokenExtractorRegistry | undefined;
  readonly #now: (() => number) | undefined;

  constructor(options: TrackerOptions = {}) {
    this.sink =
      options.sink ??
      new OpenTelemetrySink(
        options.vocabularies ?? [llamaStack],
        bucketsByName(options.buckets ?? {}),
        options.meterProvider,
      );
    this.labels = new LabelSets(options.labelLimits, options.allowedModels);
    this.provider = options.provider;
    this.attributes = this.labels.custom.merge(undefined, options.attributes, 'tracker options');
    this.throughput = options.throughput ?? 'total';
    this.cancelledAs = options.cancelledAs ?? 'cancelled';
    this.asyncContext = options.asyncContext ?? true;
    this.excludeConsumerTime = options.excludeConsumerTime ?? false;
    this.#extractors = options.extractors;
    this.#now = options.now;
  }

  get extractors(): TokenExtractorRegistry {
    return this.#extractors ?? tokenExtractors;
  }

  /** Milliseconds. Looked up at each reading, so that a test's fake timers are seen. */
  readClock(): number {
    this.latestReading = this.#now === undefined ? performance.now() : this.#now();
    return this.latestReading;
  }
}
