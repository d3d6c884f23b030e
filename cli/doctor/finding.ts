/** One thing that the doctor looked at. */
export interface Finding {
  /** `problem`: metrics are missing or wrong. `warn`: they may be. */
  readonly level: 'ok' | 'warn' | 'problem';
  readonly title: string;
  /** What to do, a line each. */
  readonly advice?: readonly string[];
}

export function ok(title: string, ...advice: string[]): Finding {
  return finding('ok', title, advice);
}

export function warn(title: string, ...advice: string[]): Finding {
  return finding('warn', title, advice);
}

export function problem(title: string, ...advice: string[]): Finding {
  return finding('problem', title, advice);
}

function finding(level: Finding['level'], title: string, advice: readonly string[]): Finding {
  return advice.length > 0 ? { level, title, advice } : { level, title };
}
