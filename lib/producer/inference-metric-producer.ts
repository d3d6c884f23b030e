import type { Attributes } from '@opentelemetry/api';
import type { CollectionResult, MetricProducer, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { warnOnce } from '../diagnostics.js';
import type { BucketOverrides } from '../metrics/bucket-options.js';
import type { LabelSet } from '../metrics/label-sets.js';
import type { SettledInference } from '../metrics/settled-inference.js';
import type { InFlightTicket, InferenceSink, ManualInstrument } from '../metrics/sinks/inference-sink.js';
import type {
  ChunkInstrument,
  InstrumentDefinition,
  SettledInstrument,
  Vocabulary,
} from '../metrics/vocabularies/vocabulary.js';
import { VERSION } from '../version.js';
import { AttributeRows, LabelRows } from './attribute-rows.js';
import { HistogramTable } from './histogram-table.js';
import { InstantCache } from './instant.js';
import { manualInstrument } from './manual-instrument.js';
import { checkProducerOptions } from './producer-options.js';
import type { SeriesTable, Temporality } from './series-table.js';
import { SumTable } from './sum-table.js';

/** How an {@link InferenceMetricProducer} aggregates. */
export interface InferenceMetricProducerOptions {
  /**
   * `'cumulative'` serves any number of readers. `'delta'` hands over what came since the latest collection, so it
   * serves exactly one; the count of requests in flight stays cumulative, as OTLP's delta preference has it.
   * @default 'cumulative'
   */
  temporality?: 'cumulative' | 'delta' | undefined;
}

/** Readers put the resource of their MeterProvider in its place. */
const NO_RESOURCE: ResourceMetrics['resource'] = {
  attributes: {},
  merge: (other) => other ?? NO_RESOURCE,
  getRawAttributes: () => [],
};

/**
 * Aggregates by itself and hands the result to the SDK's readers, at a small part of what records through the
 * OpenTelemetry API cost.
 *
 * Names, units, attributes, buckets and values are those of the default sink. What lies between an instrument and a
 * reader does not apply: Views, exemplars, the reader's choice of aggregation, temporality and cardinality limit.
 *
 * @example
 * const producer = new InferenceMetricProducer();
 * const reader = new PeriodicExportingMetricReader({ exporter, metricProducers: [producer] });
 * metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
 * const { TrackInference } = createInferenceTracker({ sink: producer });
 */
export class InferenceMetricProducer implements InferenceSink, MetricProducer {
  readonly #meters = new Map<string, SeriesTable<unknown>[]>();
  readonly #inFlight: SeriesTable<unknown>[] = [];
  readonly #settled: SettledSeries[] = [];
  readonly #byName = new Map<string, ManualInstrument>();
  readonly #chunks: { readonly definition: ChunkInstrument; readonly table: SeriesTable<unknown> }[] = [];
  readonly #temporality: Temporality;
  #tables = 0;
  /** The rows of labels whose memo another sink has, and of attributes that a vocabulary chose. */
  readonly #rowsOfLabels = new WeakMap<LabelSet, LabelRows>();
  readonly #rowsOfAttributes = new WeakMap<Attributes, AttributeRows>();

  /** @throws TypeError if an option has a wrong value; the message says what is expected */
  constructor(options: InferenceMetricProducerOptions = {}) {
    checkProducerOptions(options);
    this.#temporality = options.temporality ?? 'cumulative';
  }

  /** Makes the instruments that a tracker wants; what an earlier tracker asked for by the same name stays. */
  prepare(vocabularies: readonly Vocabulary[], buckets: BucketOverrides): void {
    for (const { meter, inFlight, settled, chunk } of vocabularies) {
      const isNew = ({ name }: InstrumentDefinition) => !this.#byName.has(name);
      const add = (definition: InstrumentDefinition) => this.#addTable(meter, definition, buckets);
      if (inFlight && isNew(inFlight)) this.#inFlight.push(add(inFlight));
      if (chunk && isNew(chunk)) this.#chunks.push({ definition: chunk, table: add(chunk) });
      for (const definition of settled) {
        if (isNew(definition)) this.#settled.push({ definition, table: add(definition) });
      }
    }
  }

  /** Counts a call that began in flight. */
  entered(labels: LabelSet): InFlightTicket {
    this.#count(1, labels);
    return this;
  }

  /** Counts a call in flight under other labels. */
  moved(_ticket: InFlightTicket, from: LabelSet, to: LabelSet): void {
    this.#count(-1, from);
    this.#count(1, to);
  }

  /** Records a call that ended, and takes it off the count in flight. Never throws. */
  settled(_ticket: InFlightTicket, call: SettledInference): void {
    this.#count(-1, call.labels);
    const labelRows = this.#labelRows(call.labels);
    const first = !labelRows.isZeroed;
    labelRows.isZeroed = true;
    const ofStatus = labelRows.settledAs(call.status);
    for (const series of this.#settled) {
      try {
        if (first) this.#createZeroSeries(series, call);
        if (series.definition.each === undefined) this.#recordValue(series, call, ofStatus);
        else this.#recordEach(series, call);
      } catch (error) {
        warnOnce(series.definition.name, error);
      }
    }
  }

  /** Records the time of a chunk, where a vocabulary has that. */
  chunkPassed(_ticket: InFlightTicket, labels: LabelSet, seconds: number): void {
    for (const { definition, table } of this.#chunks) {
      record(table, this.#attributeRows(definition.attributes(labels)), seconds);
    }
  }

  /** Takes a call off the count in flight, and records nothing. */
  withdrawn(_ticket: InFlightTicket, labels: LabelSet): void {
    this.#count(-1, labels);
  }

  /** The instrument of that name, for recordings made by hand; undefined where no tracker has asked for it. */
  instrument(name: string): ManualInstrument | undefined {
    return this.#byName.get(name);
  }

  /** What has been recorded, as the SDK's readers ask for it; never rejects. */
  async collect(): Promise<CollectionResult> {
    const now = Date.now();
    const instants = new InstantCache();
    const scopeMetrics: ResourceMetrics['scopeMetrics'] = [];
    for (const [name, tables] of this.#meters) {
      const metrics = tables.flatMap((table) => table.collect(now, instants) ?? []);
      if (metrics.length > 0) scopeMetrics.push({ scope: { name, version: VERSION }, metrics });
    }
    return { resourceMetrics: { resource: NO_RESOURCE, scopeMetrics }, errors: [] };
  }

  #addTable(meter: string, definition: InstrumentDefinition, buckets: BucketOverrides): SeriesTable<unknown> {
    const number = this.#tables++;
    const table =
      definition.kind === 'histogram'
        ? new HistogramTable(definition, number, this.#temporality, buckets.get(definition.name))
        : new SumTable(definition, number, definition.kind === 'counter' ? this.#temporality : 'cumulative');
    this.#meters.set(meter, [...(this.#meters.get(meter) ?? []), table]);
    this.#byName.set(definition.name, manualInstrument(definition, table));
    return table;
  }

  #count(change: 1 | -1, labels: LabelSet): void {
    const { inFlight } = this.#labelRows(labels);
    for (const table of this.#inFlight) table.record(inFlight, change);
  }

  #recordValue({ definition, table }: SettledSeries, call: SettledInference, ofStatus: AttributeRows): void {
    const value = definition.value?.(call);
    if (value === undefined) return;
    const chosen = definition.attributes?.(call);
    record(table, chosen === undefined ? ofStatus : this.#attributeRows(chosen), value);
  }

  #recordEach({ definition, table }: SettledSeries, call: SettledInference): void {
    definition.each?.(call, (value, attributes) => record(table, this.#attributeRows(attributes), value));
  }

  #createZeroSeries({ definition, table }: SettledSeries, call: SettledInference): void {
    const attributes = definition.zeroSeries?.(call);
    if (attributes !== undefined) table.record(new AttributeRows(attributes), 0);
  }

  #labelRows(labels: LabelSet): LabelRows {
    const { memo } = labels;
    if (memo?.owner === this) return memo as LabelRows;
    let rows = this.#rowsOfLabels.get(labels);
    if (rows === undefined) {
      rows = new LabelRows(this, labels);
      if (memo === undefined) labels.memo = rows;
      else this.#rowsOfLabels.set(labels, rows);
    }
    return rows;
  }

  #attributeRows(attributes: Attributes): AttributeRows {
    let rows = this.#rowsOfAttributes.get(attributes);
    if (rows === undefined) {
      rows = new AttributeRows(attributes);
      this.#rowsOfAttributes.set(attributes, rows);
    }
    return rows;
  }
}

interface SettledSeries {
  readonly definition: SettledInstrument;
  readonly table: SeriesTable<unknown>;
}

function record(table: SeriesTable<unknown>, set: AttributeRows, value: number): void {
  // One Infinity would poison a histogram's sum for the life of the process.
  if (value >= 0 && value < Infinity) table.record(set, value);
}
