const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

export const NONE = '–';

export function count(value: number): string {
  return WHOLE.format(value);
}

/** Three digits are what an estimate from buckets is worth. */
export function decimal(value: number | undefined): string {
  return value === undefined ? NONE : SHORT.format(value);
}

/** A time in the unit that one would say it in. */
export function seconds(value: number | undefined): string {
  if (value === undefined) return NONE;
  return value < 1 ? `${SHORT.format(value * 1_000)} ms` : `${SHORT.format(value)} s`;
}

export function share(part: number, whole: number): string {
  return whole > 0 ? `${SHORT.format((part / whole) * 100)} %` : '';
}
