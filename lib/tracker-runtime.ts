import type { MeterProvider } from '@opentelemetry/api';
import { AbandonmentWatch } from './call/abandonment.js';
import { ErrorTypes } from './call/error-type.js';
import { warnOnce } from './diagnostics.js';
import { tokenExtractors } from './extraction/default-registry.js';
import type { TokenExtractorRegistry } from './extraction/registry.js';
import type { InferenceStatus } from './metrics/attributes.js';
import { bucketsByName } from './metrics/bucket-options.js';
import type { CustomAttributes } from './metrics/custom-attributes.js';
import { inferenceRecord } from './metrics/inference-record.js';
import { LabelSets } from './metrics/label-sets.js';
import type { SettledInference } from './metrics/settled-inference.js';
import type { InferenceSink } from './metrics/sinks/inference-sink.js';
import { OpenTelemetrySink } from './metrics/sinks/opentelemetry-sink.js';
import { chosenVocabularies } from './metrics/vocabularies/chosen.js';
import { isThenable } from './thenable.js';
import type { TrackerOptions } from './tracker-options.js';

declare const performance: { now(): number };

/** What the calls of one tracker share while they run: its settings, its labels, its sink and its clock. */
export class TrackerRuntime {
  readonly sink: InferenceSink;
  /** Where instruments are made, or whose readers collect from the sink; undefined is the global one. */
  readonly meterProvider: MeterProvider | undefined;
  readonly labels: LabelSets;
  readonly provider: string | undefined;
  readonly attributes: CustomAttributes | undefined;
  readonly throughput: 'total' | 'output';
  readonly cancelledAs: InferenceStatus;
  readonly asyncContext: boolean;
  readonly excludeConsumerTime: boolean;
  readonly timesChunks: boolean;
  readonly readsClockPerChunk: boolean;
  readonly countsAttempts: boolean;
  readonly abandonment: AbandonmentWatch | undefined;
  readonly errorTypes = new ErrorTypes();
  /**
   * The latest reading of the clock by any call, in milliseconds. No number to begin with, so that V8 holds a reference to
   * the reading here, and whoever takes it over makes no copy on the heap.
   */
  latestReading: number | undefined = undefined;
  readonly #onSettled: TrackerOptions['onSettled'];
  readonly #extractors: TokenExtractorRegistry | undefined;
  readonly #now: (() => number) | undefined;

  constructor(options: TrackerOptions = {}) {
    this.meterProvider = options.meterProvider;
    this.sink = options.sink ?? new OpenTelemetrySink(options.meterProvider);
    const vocabularies = chosenVocabularies(options);
    this.sink.prepare(vocabularies, bucketsByName(options.buckets ?? {}));
    this.labels = new LabelSets(options.labelLimits, options.allowedModels);
    this.provider = options.provider;
    this.attributes = this.labels.custom.merge(undefined, options.attributes, 'tracker options');
    this.throughput = options.throughput ?? 'total';
    this.cancelledAs = options.cancelledAs ?? 'cancelled';
    this.asyncContext = options.asyncContext ?? true;
    this.excludeConsumerTime = options.excludeConsumerTime ?? false;
    const times = vocabularies.some(({ chunk }) => chunk !== undefined);
    this.timesChunks = times || vocabularies.some(({ needsFirstChunk }) => needsFirstChunk === true);
    this.countsAttempts = options.extras?.includes('attempts') === true;
    if (options.abandonAfterMs !== undefined) {
      this.abandonment = new AbandonmentWatch(options.abandonAfterMs, () => this.readClock());
    }
    this.readsClockPerChunk = this.timesChunks || this.excludeConsumerTime || this.abandonment !== undefined;
    this.#onSettled = options.onSettled;
    this.#extractors = options.extractors;
    this.#now = options.now;
  }

  get extractors(): TokenExtractorRegistry {
    return this.#extractors ?? tokenExtractors;
  }

  /** Whether anybody would hear of a call that settles now. */
  isHeard(): boolean {
    if (this.#onSettled !== undefined) return true;
    try {
      return this.sink.isListening?.() !== false;
    } catch (error) {
      warnOnce('option "sink"', error);
      return true;
    }
  }

  /** Hands a settled call to the user's hook. */
  report(call: SettledInference, where: string): void {
    if (this.#onSettled === undefined) return;
    try {
      const answer: unknown = this.#onSettled(inferenceRecord(call));
      // An async hook is not waited for, and its rejection is not the process's.
      if (isThenable(answer)) answer.then(undefined, (error) => warnOnce(`${where}: option "onSettled"`, error));
    } catch (error) {
      warnOnce(`${where}: option "onSettled"`, error);
    }
  }

  /** Milliseconds. Looked up at each reading, so that a test's fake timers are seen. */
  now(): number {
    return this.#now === undefined ? performance.now() : this.#now();
  }

  /** As {@link now}, kept as the latest reading. */
  readClock(): number {
    const reading = this.now();
    this.latestReading = reading;
    return reading;
  }
}
