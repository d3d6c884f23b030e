import { type Attributes, ValueType } from '@opentelemetry/api';
import type { AggregationTemporality, DataPoint, MetricData, MetricDescriptor } from '@opentelemetry/sdk-metrics';
import type { InstrumentDefinition } from '../metrics/vocabularies/vocabulary.js';
import type { AttributeRows } from './attribute-rows.js';
import type { InstantCache } from './instant.js';

// The values of the SDK's enumerations: reading them off the SDK would make it more than a type to this module.
const DELTA = 0 as AggregationTemporality.DELTA;
const CUMULATIVE = 1 as AggregationTemporality.CUMULATIVE;

/** Marks in place of a start time, which is in milliseconds: recorded up to the latest collection, or before it. */
const JUST_COLLECTED = -2;
const SILENT = -1;

const FIRST_ROWS = 16;

/** Whether figures run on from collection to collection, or begin anew with each. */
export type Temporality = 'cumulative' | 'delta';

/** The series of one instrument, in rows of typed arrays: a row's number stays its own for the table's life. */
export abstract class SeriesTable<Value> {
  readonly name: string;
  readonly number: number;
  protected readonly descriptor: MetricDescriptor;
  readonly #temporality: Temporality;
  readonly #attributes: Attributes[] = [];
  readonly #rowsByKey = new Map<string, number>();
  /** When each row's figures began, in milliseconds since the epoch, or a mark. */
  #starts = new Float64Array(FIRST_ROWS);
  #collectedAt = 0;

  /** @param number its place among the tables of its producer */
  constructor(definition: InstrumentDefinition, number: number, temporality: Temporality) {
    const { name, description, unit, kind } = definition;
    this.name = name;
    this.number = number;
    this.#temporality = temporality;
    // `type` is what the 1.x exporters tell a counter by.
    const type = kind === 'histogram' ? 'HISTOGRAM' : kind === 'counter' ? 'COUNTER' : 'UP_DOWN_COUNTER';
    const descriptor = { name, description, unit, type, valueType: ValueType.DOUBLE };
    this.descriptor = descriptor;
  }

  /** How many series there are. */
  get size(): number {
    return this.#attributes.length;
  }

  has(key: string): boolean {
    return this.#rowsByKey.has(key);
  }

  /** Adds to a sum, or records in a histogram. */
  abstract record(set: AttributeRows, value: number): void;

  /** The row of these attributes, ready to be added to; made at the first use. */
  protected open(set: AttributeRows): number {
    let row = set.rows[this.number];
    if (row === undefined) {
      row = this.#rowsByKey.get(set.key) ?? this.#append(set);
      set.rows[this.number] = row;
    }
    if ((this.#starts[row] as number) < 0) this.#begin(row);
    return row;
  }

  /** What has been recorded; undefined where that is nothing. */
  collect(now: number, instants: InstantCache): MetricData | undefined {
    const dataPoints: DataPoint<Value>[] = [];
    const endTime = instants.at(now);
    const starts = this.#starts;
    for (let row = 0; row < this.size; row++) {
      const start = starts[row] as number;
      if (start < 0) continue;
      const attributes = this.#attributes[row] as Attributes;
      dataPoints.push({ attributes, startTime: instants.at(start), endTime, value: this.valueOf(row) });
    }
    if (this.#temporality === 'delta') this.#rest(now);
    if (dataPoints.length === 0) return undefined;
    return this.toMetricData(dataPoints, this.#temporality === 'delta' ? DELTA : CUMULATIVE);
  }

  /** Makes room for that many rows, keeping what is there. */
  protected abstract grow(rows: number): void;
  /** Sets a row's figures to what they are before the first record. */
  protected abstract clear(row: number): void;
  protected abstract valueOf(row: number): Value;
  protected abstract toMetricData(dataPoints: DataPoint<Value>[], temporality: AggregationTemporality): MetricData;

  #append(set: AttributeRows): number {
    const row = this.size;
    if (row === 0 || row === this.#starts.length) this.#makeRoom(Math.max(FIRST_ROWS, row * 2));
    this.#attributes.push(set.attributes);
    this.#rowsByKey.set(set.key, row);
    this.#starts[row] = SILENT;
    return row;
  }

  #makeRoom(rows: number): void {
    this.#starts = enlarged(this.#starts, rows);
    this.grow(rows);
  }

  #begin(row: number): void {
    // As in the SDK: figures that go on from the latest collection start there, others at their first record.
    this.#starts[row] = this.#starts[row] === JUST_COLLECTED ? this.#collectedAt : Date.now();
    this.clear(row);
  }

  #rest(now: number): void {
    const starts = this.#starts;
    for (let row = 0; row < this.size; row++) starts[row] = (starts[row] as number) < 0 ? SILENT : JUST_COLLECTED;
    this.#collectedAt = now;
  }
}

/** A copy with room for more, zeroes behind what is there. */
export function enlarged(array: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(length);
  larger.set(array);
  return larger;
}
