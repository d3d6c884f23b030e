import type { Attributes } from '@opentelemetry/api';
import { createMetricAttributes, type InferenceStatus, type MetricAttributes } from './attributes.js';
import { CustomAttributeSets, type CustomAttributes } from './custom-attributes.js';
import { DEFAULT_LABEL_LIMITS, LabelLimiter, type LabelLimits } from './label-limits.js';

/** What one sink keeps on a label set. */
export interface LabelMemo {
  /** The sink whose memo it is: another one has to keep its own elsewhere. */
  readonly owner: object;
}

/**
 * The labels of a call, interned: equal labels are the same object for the life of the tracker.
 *
 * The attribute objects hang off it, built once and frozen, because OpenTelemetry keeps and exports the first object
 * it sees for a series.
 */
export class LabelSet {
  /** The attributes without a status, as `concurrent_requests` has them. */
  readonly attributes: Readonly<MetricAttributes>;
  /** Free for the tracker's sink: what it leaves here it finds again at the next call without looking it up. */
  memo: LabelMemo | undefined = undefined;
  #derived: Map<string, Readonly<Attributes>> | undefined = undefined;
  readonly #byStatus: { [status in InferenceStatus]?: Readonly<MetricAttributes> } = {};

  /** @internal Made by a tracker alone. */
  constructor(
    /** The requested model, or the one that the response names; bounded. */
    readonly model: string | undefined,
    /** Who serves it; bounded. */
    readonly provider: string | undefined,
    /** As in `'chat_completion'`; bounded. */
    readonly endpointType: string | undefined,
    /** Whether the answer is a stream. */
    readonly stream: boolean,
    /** @internal The custom attributes; `attributes` has them. */
    readonly custom: CustomAttributes | undefined,
  ) {
    this.attributes = Object.freeze({
      ...custom?.values,
      ...createMetricAttributes({ model, provider, endpointType, stream }),
    });
  }

  /** Attributes made from these labels, built once and frozen: the same key gives the same object. */
  derived(key: string, make: (labels: LabelSet) => Attributes): Readonly<Attributes> {
    this.#derived ??= new Map();
    let attributes = this.#derived.get(key);
    if (attributes === undefined) {
      attributes = Object.freeze(make(this));
      this.#derived.set(key, attributes);
    }
    return attributes;
  }

  /** As {@link settledAs}, with one more attribute; its values must be few. */
  settledWith(status: InferenceStatus, name: string, value: string | boolean): Readonly<Attributes> {
    return this.derived(`${status} ${name} ${value}`, () => ({ ...this.settledAs(status), [name]: value }));
  }

  /** The attributes of a call with these labels that ended so. */
  settledAs(status: InferenceStatus): Readonly<MetricAttributes> {
    let attributes = this.#byStatus[status];
    if (attributes === undefined) {
      attributes = Object.freeze({ ...this.attributes, status });
      this.#byStatus[status] = attributes;
    }
    return attributes;
  }
}

type ByStream = [plain: LabelSet | undefined, stream: LabelSet | undefined];
type Branch<T> = Map<string | undefined, T>;

/** Bounds and interns the labels of one tracker: behind it, the number of series has a limit. */
export class LabelSets {
  readonly custom: CustomAttributeSets;
  readonly #modelLimit: number;
  readonly #models: LabelLimiter;
  #responseModels: LabelLimiter | undefined = undefined;
  readonly #providers: LabelLimiter;
  readonly #endpointTypes: LabelLimiter;
  readonly #sets: Branch<Branch<Branch<Branch<ByStream>>>> = new Map();
  #latest: LabelSet | undefined = undefined;

  constructor(limits: LabelLimits = {}, allowedModels: Iterable<string> = []) {
    this.custom = new CustomAttributeSets(limits.attributes ?? DEFAULT_LABEL_LIMITS.attributes);
    this.#modelLimit = limits.model ?? DEFAULT_LABEL_LIMITS.model;
    this.#models = new LabelLimiter(this.#modelLimit, allowedModels);
    this.#providers = new LabelLimiter(limits.provider ?? DEFAULT_LABEL_LIMITS.provider);
    this.#endpointTypes = new LabelLimiter(limits.endpointType ?? DEFAULT_LABEL_LIMITS.endpointType);
  }

  /** Bounds the name of a model that a response states, apart from the requested ones. */
  responseModel(model: string): string {
    this.#responseModels ??= new LabelLimiter(this.#modelLimit);
    return this.#responseModels.admit(model);
  }

  /** Takes labels as they come: a missing, empty or non-string one is unknown. */
  resolve(
    model: unknown,
    provider: unknown,
    endpointType: unknown,
    stream: boolean,
    custom: CustomAttributes | undefined,
  ): LabelSet {
    // The same as last time, as a rule. What is compared is what was admitted, which is its own label.
    const latest = this.#latest;
    if (
      latest !== undefined &&
      latest.model === model &&
      latest.provider === provider &&
      latest.endpointType === endpointType &&
      latest.stream === stream &&
      latest.custom === custom
    ) {
      return latest;
    }
    this.#latest = this.#intern(
      isLabel(model) ? this.#models.admit(model) : undefined,
      isLabel(provider) ? this.#providers.admit(provider) : undefined,
      isLabel(endpointType) ? this.#endpointTypes.admit(endpointType) : undefined,
      stream,
      custom,
    );
    return this.#latest;
  }

  withModel(set: LabelSet, model: unknown): LabelSet {
    if (!isLabel(model) || model === set.model) return set;
    return this.#intern(this.#models.admit(model), set.provider, set.endpointType, set.stream, set.custom);
  }

  withProvider(set: LabelSet, provider: unknown): LabelSet {
    if (!isLabel(provider) || provider === set.provider) return set;
    return this.#intern(set.model, this.#providers.admit(provider), set.endpointType, set.stream, set.custom);
  }

  withStream(set: LabelSet, stream: boolean): LabelSet {
    if (set.stream === stream) return set;
    return this.#intern(set.model, set.provider, set.endpointType, stream, set.custom);
  }

  withCustom(set: LabelSet, attributes: unknown, where: string): LabelSet {
    const custom = this.custom.merge(set.custom, attributes, where);
    return this.#intern(set.model, set.provider, set.endpointType, set.stream, custom);
  }

  #intern(
    model: string | undefined,
    provider: string | undefined,
    endpointType: string | undefined,
    stream: boolean,
    custom: CustomAttributes | undefined,
  ): LabelSet {
    const pair = branch(branch(branch(branch(this.#sets, model), provider), endpointType), custom?.key, newPair);
    const index = stream ? 1 : 0;
    let set = pair[index];
    if (set === undefined) {
      set = new LabelSet(model, provider, endpointType, stream, custom);
      pair[index] = set;
    }
    return set;
  }
}

function isLabel(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function newPair(): ByStream {
  return [undefined, undefined];
}

function branch<T>(from: Branch<T>, key: string | undefined, create: () => T = newBranch as () => T): T {
  let next = from.get(key);
  if (next === undefined) {
    next = create();
    from.set(key, next);
  }
  return next;
}

function newBranch(): Branch<unknown> {
  return new Map();
}
