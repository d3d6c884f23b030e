import { ByKeys } from './by-keys.js';

/** The fields one looks for in a payload. Any of them may be missing or hold anything. */
export type Fields<K extends string> = { readonly [field in K]?: unknown };

const NOTHING = /* @__PURE__ */ Object.freeze({});

/** Looks at the fields of whatever a payload is: an object of any shape, a string, null. */
export function fields<K extends string>(payload: unknown): Fields<K> {
  return (payload ?? NOTHING) as Fields<K>;
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Whether a value is text, and not the empty text that servers send for "nothing yet". */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** The text if it is one and not empty. */
export function text(value: unknown): string | undefined {
  return isText(value) ? value : undefined;
}

export function startsWith(value: unknown, start: string): boolean {
  return typeof value === 'string' && value.startsWith(start);
}

/** Whether a value is a number that can be a count or a time: from zero up, and small enough to be added to others. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

/** Whether a value is something that a model generated: text, or the object of a call or a medium. */
function isGenerated(value: unknown): value is string | object {
  return isText(value) || (isObject(value) && !Array.isArray(value));
}

/**
 * Makes a search along paths. `a.b` goes deeper, `a.*.b` into each item of a list, `a | b` tries one after the other, and
 * `a_b` is also looked for as `aB`, as SDKs respell it. What is found is the first value that passes the test.
 */
export function first<T>(paths: string, test: (value: unknown) => value is T): (payload: unknown) => T | undefined {
  let find: ((payload: object) => readonly Path[]) | undefined;
  return function findFirst(payload) {
    if (!isObject(payload)) return undefined;
    find ??= pathsFor(parsePaths(paths));
    return firstAlong(find(payload), payload, test);
  };
}

/** Which of the paths to try in an object; a few are tried sooner than chosen from. */
function pathsFor(all: readonly Path[]): (payload: object) => readonly Path[] {
  if (all.length <= 2) return () => all;
  const byKeys = new ByKeys((keys) => reachable(all, keys));
  return (payload) => byKeys.get(payload);
}

/** The paths that begin with one of the keys. */
export function reachable(paths: readonly Path[], keys: readonly string[] | undefined): readonly Path[] {
  return keys === undefined ? paths : paths.filter(([key]) => keys.includes(key as string));
}

/** One way into a payload, key by key. */
export type Path = readonly string[];

export function parsePaths(paths: string): readonly Path[] {
  return paths.split(' | ').flatMap(parse);
}

export function firstAlong<T>(
  paths: readonly Path[],
  payload: unknown,
  test: (value: unknown) => value is T,
): T | undefined {
  for (const path of paths) {
    const found = follow(payload, path, 0, test);
    if (found !== undefined) return found;
  }
  return undefined;
}

function parse(path: string): Path[] {
  const inCamelCase = path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return inCamelCase === path ? [path.split('.')] : [path.split('.'), inCamelCase.split('.')];
}

/** Makes the test whether there is anything generated at one of the paths. */
export function generatedAt(paths: string): (payload: unknown) => boolean {
  const find = first(paths, isGenerated);
  return (payload) => find(payload) !== undefined;
}

function follow<T>(payload: unknown, path: Path, from: number, test: (value: unknown) => value is T): T | undefined {
  let value = payload;
  for (let step = from; step < path.length; step++) {
    const key = path[step] as string;
    if (key === '*') {
      if (!Array.isArray(value)) return undefined;
      for (const item of value) {
        const found = follow(item, path, step + 1, test);
        if (found !== undefined) return found;
      }
      return undefined;
    }
    value = fields<string>(value)[key];
  }
  return test(value) ? value : undefined;
}

/** Whether an event of a stream says that it failed, as Anthropic, OpenAI and the Vercel AI SDK put it. */
export function isErrorEvent(payload: unknown): boolean {
  return fields<'type'>(payload).type === 'error';
}
