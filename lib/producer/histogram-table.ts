import type {
  AggregationTemporality,
  DataPoint,
  DataPointType,
  Histogram,
  MetricData,
} from '@opentelemetry/sdk-metrics';
import type { InstrumentDefinition } from '../metrics/vocabularies/vocabulary.js';
import type { AttributeRows } from './attribute-rows.js';
import { enlarged, SeriesTable, type Temporality } from './series-table.js';

const HISTOGRAM = 0 as DataPointType.HISTOGRAM;

/** The SDK's own, for instruments that advise none. */
const DEFAULT_BOUNDARIES = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000];

/** A row: these four, then the count of each bucket. */
const COUNT = 0;
const TOTAL = 1;
const MIN = 2;
const MAX = 3;
const BUCKETS = 4;

/** The series of a histogram with explicit buckets. */
export class HistogramTable extends SeriesTable<Histogram> {
  readonly #boundaries: number[];
  /** Numbers in a row. */
  readonly #stride: number;
  // 64-bit floats count exactly to 2^53; a 32-bit count of a busy bucket runs over within weeks.
  #figures = new Float64Array(0);

  constructor(
    definition: InstrumentDefinition,
    number: number,
    temporality: Temporality,
    boundaries: readonly number[] = definition.boundaries ?? DEFAULT_BOUNDARIES,
  ) {
    super(definition, number, temporality);
    this.#boundaries = [...boundaries];
    this.#stride = BUCKETS + boundaries.length + 1;
  }

  override record(set: AttributeRows, value: number): void {
    const first = this.open(set) * this.#stride;
    const figures = this.#figures;
    addTo(figures, first + COUNT, 1);
    addTo(figures, first + TOTAL, value);
    if (value < (figures[first + MIN] as number)) figures[first + MIN] = value;
    if (value > (figures[first + MAX] as number)) figures[first + MAX] = value;
    addTo(figures, first + BUCKETS + bucketOf(value, this.#boundaries), 1);
  }

  protected override grow(rows: number): void {
    this.#figures = enlarged(this.#figures, rows * this.#stride);
  }

  protected override clear(row: number): void {
    const first = row * this.#stride;
    this.#figures.fill(0, first, first + this.#stride);
    this.#figures[first + MIN] = Infinity;
    this.#figures[first + MAX] = -Infinity;
  }

  protected override valueOf(row: number): Histogram {
    const figures = this.#figures;
    const first = row * this.#stride;
    // An exporter may keep what it gets, so it gets a copy; a plain array, which is what serialisers write.
    const counts: number[] = [];
    for (let i = first + BUCKETS; i < first + this.#stride; i++) counts.push(figures[i] as number);
    return {
      min: figures[first + MIN] as number,
      max: figures[first + MAX] as number,
      sum: figures[first + TOTAL] as number,
      buckets: { boundaries: this.#boundaries, counts },
      count: figures[first + COUNT] as number,
    };
  }

  protected override toMetricData(
    dataPoints: DataPoint<Histogram>[],
    aggregationTemporality: AggregationTemporality,
  ): MetricData {
    return { descriptor: this.descriptor, aggregationTemporality, dataPointType: HISTOGRAM, dataPoints };
  }
}

/** The first bucket whose upper boundary the value does not exceed; past the last boundary, the one without. */
function bucketOf(value: number, boundaries: readonly number[]): number {
  let low = 0;
  let high = boundaries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((boundaries[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function addTo(figures: Float64Array, index: number, value: number): void {
  figures[index] = (figures[index] as number) + value;
}
