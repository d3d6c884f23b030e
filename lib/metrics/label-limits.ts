/** How many distinct values each label may take before new ones are recorded as `_other`; `Infinity` for no limit. */
export interface LabelLimits {
  /** Of `model`, beside those that `allowedModels` names. @default 200 */
  model?: number | undefined;
  /** Of `provider`. @default 50 */
  provider?: number | undefined;
  /** Of `endpoint_type`. @default 50 */
  endpointType?: number | undefined;
  /** For each custom attribute key. @default 100 */
  attributes?: number | undefined;
}

/** What a label past its limit is recorded as. */
const OTHER = '_other';

/** Longer names are cut: a label is an identifier, not a place for a prompt. */
const MAX_LENGTH = 128;

export const DEFAULT_LABEL_LIMITS = { model: 200, provider: 50, endpointType: 50, attributes: 100 } as const;

/**
 * Admits the first `limit` distinct values of one label, for good, and turns every later one into `other`.
 *
 * Admission is sticky, so that the +1 and the −1 of a call always meet in one series.
 */
export class LabelLimiter {
  readonly #admitted = new Map<string, string>();
  readonly #alwaysAdmitted: ReadonlySet<string>;
  readonly #limit: number;
  readonly #other: string;
  #taken = 0;

  constructor(limit: number, alwaysAdmitted: Iterable<string> = [], other = OTHER) {
    this.#limit = limit;
    this.#other = other;
    this.#alwaysAdmitted = new Set(Array.from(alwaysAdmitted, asLabel));
  }

  admit(value: string): string {
    const admitted = this.#admitted.get(value);
    if (admitted !== undefined) return admitted;
    const label = asLabel(value);
    const known = this.#admitted.get(label);
    if (known !== undefined) return known;
    if (!this.#alwaysAdmitted.has(label)) {
      if (this.#taken >= this.#limit) return this.#other;
      this.#taken++;
    }
    const own = detached(label);
    this.#admitted.set(own, own);
    return own;
  }
}

/** Lone surrogates become U+FFFD, as every exporter would make of them later: two such labels are one series. */
function asLabel(value: string): string {
  const short = (value.length > MAX_LENGTH ? cut(value) : value) as string & { toWellFormed?(): string };
  return short.toWellFormed?.() ?? short;
}

/** Cuts to {@link MAX_LENGTH} UTF-16 units, one less where that would split a surrogate pair. */
function cut(value: string): string {
  const last = value.charCodeAt(MAX_LENGTH - 1);
  return value.slice(0, last >= 0xd800 && last <= 0xdbff ? MAX_LENGTH - 1 : MAX_LENGTH);
}

/** Copies a string: a slice of a request body would keep the whole body alive for as long as the label lives. */
function detached(value: string): string {
  return value.split('').join('');
}
