import type { Attributes } from '@opentelemetry/api';
import type { InferenceStatus } from '../metrics/attributes.js';
import type { LabelMemo, LabelSet } from '../metrics/label-sets.js';

/** One attribute set, and the row that each table of a producer has for it. */
export class AttributeRows {
  readonly attributes: Attributes;
  readonly key: string;
  /** By table number; nothing where nothing has been recorded under these attributes. */
  readonly rows: number[] = [];

  constructor(attributes: Attributes) {
    this.attributes = attributes;
    this.key = attributeKey(attributes);
  }
}

/** What a producer keeps on a label set, so that a call finds its rows without looking anything up. */
export class LabelRows implements LabelMemo {
  /** Whether the label set has its zero series. */
  isZeroed = false;
  readonly inFlight: AttributeRows;
  #success: AttributeRows | undefined;
  #error: AttributeRows | undefined;
  #cancelled: AttributeRows | undefined;

  constructor(
    readonly owner: object,
    private readonly labels: LabelSet,
  ) {
    this.inFlight = new AttributeRows(labels.attributes);
  }

  settledAs(status: InferenceStatus): AttributeRows {
    switch (status) {
      case 'success':
        this.#success ??= this.#rowsOf(status);
        return this.#success;
      case 'error':
        this.#error ??= this.#rowsOf(status);
        return this.#error;
      case 'cancelled':
        this.#cancelled ??= this.#rowsOf(status);
        return this.#cancelled;
    }
  }

  #rowsOf(status: InferenceStatus): AttributeRows {
    return new AttributeRows(this.labels.settledAs(status));
  }
}

/** The same text for the same attributes in any order, and for no others: `1` and `'1'` differ, as they do in the SDK. */
export function attributeKey(attributes: Attributes): string {
  const keys = Object.keys(attributes).sort();
  return JSON.stringify(keys.map((key) => [key, attributes[key]]));
}
