/** One thing that is wrong: in which exit, and what. */
export interface ConformanceProblem {
  /** The exit's name, as `skip` takes it. */
  readonly exit: string;
  /** What is wrong, in words. */
  readonly problem: string;
}

/** What {@link checkConformance} found out. */
export interface ConformanceReport {
  /** True if nothing is wrong in any exit that was tried. */
  readonly passed: boolean;
  /** All that is wrong; empty where `passed` is true. */
  readonly problems: readonly ConformanceProblem[];
  /** The exits that were gone through. */
  readonly exits: readonly string[];
  /** Exits that could not be tried, and why. */
  readonly skipped: readonly ConformanceProblem[];
  /** All of it in words. */
  toString(): string;
}

export function reportOf(
  exits: readonly string[],
  problems: readonly ConformanceProblem[],
  skipped: readonly ConformanceProblem[],
): ConformanceReport {
  return {
    passed: problems.length === 0,
    problems,
    exits,
    skipped,
    toString() {
      const lines = exits.map((exit) => {
        const wrong = problems.filter((problem) => problem.exit === exit);
        return [
          `${wrong.length === 0 ? 'ok    ' : 'WRONG '} ${exit}`,
          ...wrong.map(({ problem }) => `         ${problem}`),
        ];
      });
      return [...lines.flat(), ...skipped.map(({ exit, problem }) => `skipped ${exit}: ${problem}`)].join('\n');
    },
  };
}
