/** The fields one looks for in a payload. Any of them may be missing or hold anything. */
export type Fields<K extends string> = { readonly [field in K]?: unknown };

const NOTHING = /* @__PURE__ */ Object.freeze({});

/** Looks at the fields of whatever a payload is: an object of any shape, a string, null. */
export function fields<K extends string>(payload: unknown): Fields<K> {
  return (payload ?? NOTHING) as Fields<K>;
}

/** The value at a dotted path, or undefined where the way there ends. */
export function at(payload: unknown, path: string): unknown {
  let found = payload;
  for (const key of path.split('.')) found = fields<string>(found)[key];
  return found;
}

/** A stated number of tokens: a number from zero up, and not so large that sums of it lose tokens. */
export function count(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : undefined;
}

/** A stated time, brought to seconds. */
export function seconds(value: unknown, unitsPerSecond = 1): number | undefined {
  return typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY
    ? value / unitsPerSecond
    : undefined;
}

/** Whether a value is text, and not the empty text that servers send for "nothing yet". */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

export function text(value: unknown): string | undefined {
  return isText(value) ? value : undefined;
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

export function startsWith(value: unknown, start: string): boolean {
  return typeof value === 'string' && value.startsWith(start);
}
