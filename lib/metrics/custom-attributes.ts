import { warnOnce } from '../diagnostics.js';
import { CONTRACT_ATTRIBUTES } from './attributes.js';
import { LabelLimiter } from './label-limits.js';

/** A value that a custom attribute may take. */
export type AttributeValue = string | number | boolean;

/** One interned set of custom attributes: the same values always give the same object. */
export interface CustomAttributes {
  readonly key: string;
  readonly values: Readonly<Record<string, AttributeValue>>;
}

/** Keys beyond this many are dropped: a key made from request data would grow without end. */
const MAX_KEYS = 100;

/** Admits, bounds and interns the custom attributes of one tracker. */
export class CustomAttributeSets {
  readonly #limiters = new Map<string, LabelLimiter>();
  /** Values as they were first seen, by their text: `1` and `'1'` are one series to Prometheus. */
  readonly #spellings = new Map<string, Map<string, AttributeValue>>();
  readonly #sets = new Map<string, CustomAttributes>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Adds `extra` over `base`. Values of a wrong kind and the contract's own names are left out, with a warning. */
  merge(base: CustomAttributes | undefined, extra: unknown, where: string): CustomAttributes | undefined {
    if (extra === undefined || extra === null) return base;
    if (typeof extra !== 'object') {
      warnOnce(`${where}.attributes`, `expected an object of attributes, got ${typeof extra}`);
      return base;
    }
    const merged: Record<string, AttributeValue> = { ...base?.values };
    for (const key of Object.keys(extra)) {
      const value = this.#admit(key, (extra as Record<string, unknown>)[key], where);
      if (value !== undefined) merged[key] = value;
    }
    return this.#intern(merged);
  }

  #admit(key: string, value: unknown, where: string): AttributeValue | undefined {
    if (value === undefined || value === null || value === '') return undefined;
    if (CONTRACT_ATTRIBUTES.has(key)) {
      warnOnce(
        `${where}.attributes`,
        `"${key}" is one of the metrics' own attributes and cannot be set as a custom one`,
      );
      return undefined;
    }
    if (typeof value !== 'string' && typeof value !== 'boolean' && !Number.isFinite(value)) {
      warnOnce(`${where}.attributes`, `"${key}" must be a string, a finite number or a boolean`);
      return undefined;
    }
    let limiter = this.#limiters.get(key);
    if (limiter === undefined) {
      if (this.#limiters.size >= MAX_KEYS) {
        warnOnce(`${where}.attributes`, `more than ${MAX_KEYS} distinct keys; new ones are left out`);
        return undefined;
      }
      limiter = new LabelLimiter(this.#limit);
      this.#limiters.set(key, limiter);
      this.#spellings.set(key, new Map());
    }
    const text = limiter.admit(String(value));
    const spellings = this.#spellings.get(key) as Map<string, AttributeValue>;
    const spelling = spellings.get(text);
    if (spelling !== undefined) return spelling;
    // A cut, mended or `_other` string is its own text; only what passed as it was keeps its kind.
    const admitted = typeof value !== 'string' && String(value) === text ? (value as AttributeValue) : text;
    spellings.set(text, admitted);
    return admitted;
  }

  #intern(values: Record<string, AttributeValue>): CustomAttributes | undefined {
    const keys = Object.keys(values).sort();
    if (keys.length === 0) return undefined;
    const key = JSON.stringify(keys.map((name) => [name, values[name]]));
    let set = this.#sets.get(key);
    if (set === undefined) {
      set = { key, values: Object.freeze(values) };
      this.#sets.set(key, set);
    }
    return set;
  }
}
