import type { AggregationTemporality, DataPoint, DataPointType, MetricData } from '@opentelemetry/sdk-metrics';
import type { InstrumentDefinition } from '../metrics/vocabularies/vocabulary.js';
import type { AttributeRows } from './attribute-rows.js';
import { enlarged, SeriesTable, type Temporality } from './series-table.js';

const SUM = 3 as DataPointType.SUM;

/** The series of a counter or an up-down counter. */
export class SumTable extends SeriesTable<number> {
  readonly #isMonotonic: boolean;
  #values = new Float64Array(0);

  constructor(definition: InstrumentDefinition, number: number, temporality: Temporality) {
    super(definition, number, temporality);
    this.#isMonotonic = definition.kind === 'counter';
  }

  override record(set: AttributeRows, value: number): void {
    const row = this.open(set);
    const values = this.#values;
    values[row] = (values[row] as number) + value;
  }

  protected override grow(rows: number): void {
    this.#values = enlarged(this.#values, rows);
  }

  protected override clear(row: number): void {
    this.#values[row] = 0;
  }

  protected override valueOf(row: number): number {
    return this.#values[row] as number;
  }

  protected override toMetricData(
    dataPoints: DataPoint<number>[],
    aggregationTemporality: AggregationTemporality,
  ): MetricData {
    const { descriptor } = this;
    return { descriptor, aggregationTemporality, dataPointType: SUM, dataPoints, isMonotonic: this.#isMonotonic };
  }
}
