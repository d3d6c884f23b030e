import type { Operation } from '../measure.js';

/** One thing to be measured, in a process of its own. */
export interface Case {
  /** `family/name`. */
  readonly id: string;
  /** What the operation counts: one request, one chunk. */
  readonly per: string;
  /** How many of those one operation is. @default 1 */
  readonly perOperation?: number;
  /** Takes seconds however small the effort: left out of the short form. */
  readonly isLong?: boolean;
  /** How many processes are enough, for what hardly varies. @default as many as the run asks for */
  readonly rounds?: number;
  /** The package that has to be installed under bench/peers. */
  readonly peer?: string;
  /** The package that has to be installed under samples/frameworks. */
  readonly framework?: string;
  /** Sets up, and gives what is timed; or measures by itself. */
  prepare(): Promise<Operation | Measurement>;
}

/** Figures that a case took by itself, by the name of their unit-bearing column. */
export interface Measurement {
  readonly figures: Readonly<Record<string, number>>;
}
