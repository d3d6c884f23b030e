import {
  type Attributes,
  type Context,
  createNoopMeter,
  type Meter,
  type MeterProvider,
  metrics,
} from '@opentelemetry/api';
import { warnOnce } from '../../diagnostics.js';
import { VERSION } from '../../version.js';
import type { BucketOverrides } from '../bucket-options.js';
import type { LabelSet } from '../label-sets.js';
import type { SettledInference } from '../settled-inference.js';
import type {
  ChunkInstrument,
  InstrumentDefinition,
  SettledInstrument,
  Vocabulary,
} from '../vocabularies/vocabulary.js';
import { type AnyCounter, DeferredCounts } from './deferred-counts.js';
import type { InFlightTicket, InferenceSink, ManualInstrument } from './inference-sink.js';

/**
 * Records through the OpenTelemetry API, on whichever MeterProvider is current at that moment.
 *
 * An instrument made before `setGlobalMeterProvider` stays a no-op for ever in OpenTelemetry JS, so instruments are
 * made per provider, on first use.
 */
export class OpenTelemetrySink implements InferenceSink {
  #vocabularies: readonly Vocabulary[] = [];
  #buckets: BucketOverrides = new Map();
  readonly #own: MeterProvider | undefined;
  readonly #perProvider = new WeakMap<MeterProvider, Instruments | 'none'>();
  #lastProvider: MeterProvider | undefined;
  #lastInstruments: Instruments | undefined;

  constructor(meterProvider?: MeterProvider) {
    this.#own = meterProvider;
  }

  prepare(vocabularies: readonly Vocabulary[], buckets: BucketOverrides): void {
    this.#vocabularies = vocabularies;
    this.#buckets = buckets;
  }

  entered(labels: LabelSet, context: Context): InFlightTicket {
    const instruments = this.#current();
    instruments?.count(1, labels, context);
    return instruments;
  }

  moved(ticket: InFlightTicket, from: LabelSet, to: LabelSet, context: Context): void {
    const instruments = ticket as Instruments | undefined;
    instruments?.count(-1, from, context);
    instruments?.count(1, to, context);
  }

  settled(ticket: InFlightTicket, call: SettledInference): void {
    (ticket as Instruments | undefined)?.count(-1, call.labels, call.context);
    this.#current()?.record(call);
  }

  chunkPassed(ticket: InFlightTicket, labels: LabelSet, seconds: number, context: Context): void {
    (ticket as Instruments | undefined)?.chunk(seconds, labels, context);
  }

  withdrawn(ticket: InFlightTicket, labels: LabelSet, context: Context): void {
    (ticket as Instruments | undefined)?.count(-1, labels, context);
  }

  isListening(): boolean {
    return this.#current() !== undefined;
  }

  instrument(name: string): ManualInstrument | undefined {
    return this.#current()?.named(name);
  }

  #current(): Instruments | undefined {
    const provider = this.#own ?? metrics.getMeterProvider();
    if (provider === this.#lastProvider) return this.#lastInstruments;
    let instruments = this.#perProvider.get(provider);
    if (instruments === undefined) {
      instruments = this.#make(provider);
      this.#perProvider.set(provider, instruments);
    }
    this.#lastProvider = provider;
    this.#lastInstruments = instruments === 'none' ? undefined : instruments;
    return this.#lastInstruments;
  }

  #make(provider: MeterProvider): Instruments | 'none' {
    try {
      const meters = this.#vocabularies.map((vocabulary) => provider.getMeter(vocabulary.meter, VERSION));
      if (meters.every(isNoop)) return 'none';
      return new Instruments(this.#vocabularies, meters, this.#buckets);
    } catch (error) {
      warnOnce('MeterProvider', error);
      return 'none';
    }
  }
}

function isNoop(meter: Meter): boolean {
  return meter.constructor === createNoopMeter().constructor;
}

/** The instruments of all vocabularies on one MeterProvider. */
class Instruments {
  readonly #inFlight: ManualInstrument[] = [];
  readonly #settled: SettledRecorder[] = [];
  readonly #chunks: { readonly definition: ChunkInstrument; readonly instrument: ManualInstrument }[] = [];
  readonly #byName = new Map<string, ManualInstrument>();
  /** The labels that have their zero series here. */
  readonly #zeroed = new WeakSet<LabelSet>();

  constructor(vocabularies: readonly Vocabulary[], meters: readonly Meter[], buckets: BucketOverrides) {
    vocabularies.forEach((vocabulary, index) => {
      const meter = meters[index] as Meter;
      const deferred = new DeferredCounts(meter);
      const make = (definition: InstrumentDefinition) => {
        const instrument = createInstrument(meter, definition, buckets);
        // By hand there may come any attributes, which may be changed afterwards.
        this.#byName.set(definition.name, instrument);
        return isCounter(instrument) ? deferred.of(instrument) : instrument;
      };
      if (vocabulary.chunk) this.#chunks.push({ definition: vocabulary.chunk, instrument: make(vocabulary.chunk) });
      if (vocabulary.inFlight) this.#inFlight.push(make(vocabulary.inFlight));
      for (const definition of vocabulary.settled) {
        this.#settled.push(new SettledRecorder(definition, make(definition)));
      }
    });
  }

  named(name: string): ManualInstrument | undefined {
    return this.#byName.get(name);
  }

  count(change: 1 | -1, labels: LabelSet, context: Context): void {
    for (const counter of this.#inFlight) {
      try {
        counter.add?.(change, labels.attributes, context);
      } catch (error) {
        warnOnce('MeterProvider', error);
      }
    }
  }

  chunk(seconds: number, labels: LabelSet, context: Context): void {
    if (!(seconds >= 0 && seconds < Infinity)) return;
    for (const { definition, instrument } of this.#chunks) {
      instrument.record?.(seconds, definition.attributes(labels), context);
    }
  }

  record(call: SettledInference): void {
    const first = !this.#zeroed.has(call.labels);
    if (first) this.#zeroed.add(call.labels);
    for (const recorder of this.#settled) {
      try {
        if (first) recorder.createZeroSeries(call);
        recorder.record(call);
      } catch (error) {
        warnOnce(recorder.name, error);
      }
    }
  }
}

class SettledRecorder {
  readonly name: string;
  readonly #definition: SettledInstrument;
  readonly #instrument: ManualInstrument;

  constructor(definition: SettledInstrument, instrument: ManualInstrument) {
    this.name = definition.name;
    this.#definition = definition;
    this.#instrument = instrument;
  }

  createZeroSeries(call: SettledInference): void {
    const attributes = this.#definition.zeroSeries?.(call);
    if (attributes) this.#instrument.add?.(0, attributes, call.context);
  }

  record(call: SettledInference): void {
    if (this.#definition.each !== undefined) {
      this.#definition.each(call, (value, attributes) => this.#write(value, attributes, call.context));
      return;
    }
    const value = this.#definition.value?.(call);
    if (value === undefined) return;
    this.#write(value, this.#definition.attributes?.(call) ?? call.labels.settledAs(call.status), call.context);
  }

  #write(value: number, attributes: Attributes, context: Context): void {
    // One Infinity would poison a histogram's sum for the life of the process.
    if (!(value >= 0 && value < Infinity)) return;
    if (this.#definition.kind === 'counter') this.#instrument.add?.(value, attributes, context);
    else this.#instrument.record?.(value, attributes, context);
  }
}

function isCounter(instrument: ManualInstrument): instrument is AnyCounter {
  return instrument.add !== undefined;
}

function createInstrument(meter: Meter, definition: InstrumentDefinition, buckets: BucketOverrides): ManualInstrument {
  const { name, unit, description } = definition;
  if (definition.kind === 'counter') return meter.createCounter(name, { unit, description });
  if (definition.kind === 'upDownCounter') return meter.createUpDownCounter(name, { unit, description });
  const boundaries = buckets.get(name) ?? definition.boundaries;
  return meter.createHistogram(name, {
    unit,
    description,
    ...(boundaries && { advice: { explicitBucketBoundaries: [...boundaries] } }),
  });
}
