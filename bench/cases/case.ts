import type { Operation } from '../measure.js';

/** One thing to be measured, in a process of its own. */
export interface Case {
  /** `family/name`. */
  readonly id: string;
  /** What the operation counts: one request, one chunk. */
  readonly per: string;
  /** How many of those one operation is. @default 1 */
  readonly perOperation?: number;
  /** The package that has to be installed under bench/peers. */
  readonly peer?: string;
  /** A reason why it cannot run on this Node, if there is one. */
  readonly unavailable?: () => string | undefined;
  /** Sets up, and gives what is timed; or measures by itself. */
  prepare(): Promise<Operation | Measurement>;
}

/** Figures that a case took by itself, by the name of their unit-bearing column. */
export interface Measurement {
  readonly figures: Readonly<Record<string, number>>;
}
