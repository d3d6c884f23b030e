import { metrics } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import {
  AggregationTemporality,
  MeterProvider,
  MetricReader,
  PeriodicExportingMetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { CONCURRENT_REQUESTS, createInferenceTracker, type InferenceTracker } from 'track-inference';
import { InferenceMetricProducer } from 'track-inference/producer';
import { type MetricRow, metricRows } from '../../lib/testing/metric-rows.js';
import { add, type Counts, KNOWN_MODELS } from './ledger.js';

export const SINKS = ['default', 'producer'] as const;
export type Sink = (typeof SINKS)[number];

const LIMITS = { model: 20, attributes: 10 };
const ATTRIBUTE = 'tenant';
const PREFIX = 'llama_stack.inference.';

/** One MeterProvider in the process, from when it was made global until its last call has ended. */
interface Era {
  readonly provider: MeterProvider;
  readonly reader: OnDemandReader;
}

/** Both trackers of a soak, the providers they record to, and what can be read there. */
export class Telemetry {
  readonly trackers: Readonly<Record<Sink, InferenceTracker>>;
  /** Calls that `onSettled` heard of. */
  settled = 0;
  /** Records that cannot be: a first token or time in the model after the end, or no number. */
  readonly oddRecords: string[] = [];
  eras = 1;
  readonly #exportTo: string;
  readonly #producer = new InferenceMetricProducer();
  readonly #producerReader = new OnDemandReader([this.#producer]);
  readonly #producerProvider: MeterProvider;
  #current: Era;
  #replaced: Era[] = [];
  /** What was read from providers that are gone. */
  readonly #past: Counts = new Map();

  constructor(exportTo: string) {
    this.#exportTo = exportTo;
    this.#producerProvider = new MeterProvider({ readers: [this.#producerReader, this.#exporting([this.#producer])] });
    this.#current = this.#begin();
    const settings = {
      labelLimits: LIMITS,
      allowedModels: KNOWN_MODELS,
      extras: ['tokens', 'attempts'],
      onSettled: ({ durations }: { durations: Durations }) => this.#check(durations),
    } as const;
    this.trackers = {
      default: createInferenceTracker(settings),
      producer: createInferenceTracker({ ...settings, sink: this.#producer }),
    };
  }

  /** Makes another provider the global one, under the calls that run. */
  replaceProvider(): void {
    this.#replaced.push(this.#current);
    metrics.disable();
    this.#current = this.#begin();
    this.eras++;
  }

  /** The number of requests in flight, and of the series that count them; throws where one is negative. */
  async inFlight(sink: Sink): Promise<{ requests: number; series: number }> {
    const rows = (await this.#rows(sink)).filter(({ name }) => name === CONCURRENT_REQUESTS);
    const negative = rows.find(({ value = 0 }) => value < 0);
    if (negative) throw new Error(`concurrent_requests is negative: ${JSON.stringify(negative)}`);
    return { requests: rows.reduce((sum, { value = 0 }) => sum + value, 0), series: rows.length };
  }

  /** All that was counted so far. To be asked when nothing is in flight: lets replaced providers go. */
  async counts(sink: Sink): Promise<Counts> {
    if (sink === 'producer') return countsOf(await this.#rows(sink));
    for (const era of this.#replaced.splice(0)) {
      countsOf(metricRows(await era.reader.read()), this.#past);
      await era.provider.shutdown();
    }
    return countsOf(await this.#rows(sink), new Map(this.#past));
  }

  /** Labels that took more values than their limits allow. */
  async floods(sink: Sink): Promise<string[]> {
    const rows = await this.#rows(sink);
    const values = (label: string) => new Set(rows.map(({ attributes }) => attributes[label]));
    return [
      ...(values('model').size > LIMITS.model + KNOWN_MODELS.length + 2 ? ['model'] : []),
      ...(values(ATTRIBUTE).size > LIMITS.attributes + 2 ? [ATTRIBUTE] : []),
    ];
  }

  async shutdown(): Promise<void> {
    await Promise.all([this.#current.provider.shutdown(), this.#producerProvider.shutdown()]);
  }

  #begin(): Era {
    const reader = new OnDemandReader();
    const provider = new MeterProvider({ readers: [reader, this.#exporting()] });
    metrics.setGlobalMeterProvider(provider);
    return { provider, reader };
  }

  #exporting(metricProducers: InferenceMetricProducer[] = []): PeriodicExportingMetricReader {
    return new PeriodicExportingMetricReader({
      exporter: new OTLPMetricExporter({ url: this.#exportTo, timeoutMillis: 400 }),
      exportIntervalMillis: 500,
      exportTimeoutMillis: 450,
      metricProducers,
    });
  }

  async #rows(sink: Sink): Promise<MetricRow[]> {
    const readers =
      sink === 'producer' ? [this.#producerReader] : [this.#current, ...this.#replaced].map(({ reader }) => reader);
    const rows = await Promise.all(readers.map(async (reader) => metricRows(await reader.read())));
    return rows.flat();
  }

  #check({ requestSeconds, inferenceSeconds, timeToFirstTokenSeconds = 0 }: Durations): void {
    this.settled++;
    const isOdd =
      !(requestSeconds >= 0) ||
      !(inferenceSeconds >= 0 && inferenceSeconds <= requestSeconds) ||
      !(timeToFirstTokenSeconds >= 0 && timeToFirstTokenSeconds <= requestSeconds);
    if (isOdd && this.oddRecords.length < 10) {
      this.oddRecords.push(JSON.stringify({ requestSeconds, inferenceSeconds, timeToFirstTokenSeconds }));
    }
  }
}

interface Durations {
  readonly requestSeconds: number;
  readonly inferenceSeconds: number;
  readonly timeToFirstTokenSeconds: number | undefined;
}

/** Adds up rows by the ledger's keys; of a histogram what counts is how many values it holds. */
function countsOf(rows: readonly MetricRow[], counts: Counts = new Map()): Counts {
  for (const { name, attributes, value, count } of rows) {
    if (name === CONCURRENT_REQUESTS) continue;
    const { model, provider, endpoint_type: endpoint, stream, status } = attributes;
    add(counts, name.slice(PREFIX.length), { model, provider, endpoint, stream, status } as never, count ?? value ?? 0);
  }
  return counts;
}

class OnDemandReader extends MetricReader {
  constructor(metricProducers: InferenceMetricProducer[] = []) {
    super({ aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE, metricProducers });
  }

  async read(): Promise<ResourceMetrics> {
    const { resourceMetrics, errors } = await this.collect();
    if (errors.length > 0) throw errors[0];
    return resourceMetrics;
  }

  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}
