/** Past this many kinds of objects somebody makes up keys, and nothing more is remembered. */
const MAX_KINDS = 100;

/** An object with more keys is no message but a map, whose keys are not worth keeping. */
const MAX_KEYS = 50;

interface Kind<T> {
  readonly keys: readonly string[];
  readonly remembered: T;
}

/**
 * Remembers something about objects with the same keys.
 *
 * A table of paths knows many spellings and a server has one. To look for all of them each time took most of the time
 * of reading a response; what a server sends has the same few keys each time.
 */
export class ByKeys<T> {
  readonly #of: (keys: readonly string[] | undefined) => T;
  readonly #known = new Map<string, T>();
  readonly #ofOthers: T;
  /** The latest two kinds: a stream's chunks alternate between few. */
  #latest: Kind<T>;
  #other: Kind<T>;

  /** @param of makes what is remembered; without keys for objects whose keys do not tell what they have */
  constructor(of: (keys: readonly string[] | undefined) => T) {
    this.#of = of;
    this.#latest = { keys: [], remembered: of([]) };
    this.#other = this.#latest;
    this.#ofOthers = of(undefined);
  }

  get(object: object): T {
    // What others inherit counts too: getters of a class, as a rule.
    if (Object.getPrototypeOf(object) !== Object.prototype) return this.#ofOthers;
    const keys = Object.keys(object);
    if (keys.length > MAX_KEYS) return this.#ofOthers;
    if (!areEqual(keys, this.#latest.keys)) {
      const latest = areEqual(keys, this.#other.keys) ? this.#other : { keys, remembered: this.#find(keys) };
      this.#other = this.#latest;
      this.#latest = latest;
    }
    return this.#latest.remembered;
  }

  #find(keys: readonly string[]): T {
    const text = keys.join();
    let found = this.#known.get(text);
    if (found === undefined) {
      found = this.#of(keys);
      if (this.#known.size < MAX_KINDS) this.#known.set(text, found);
    }
    return found;
  }
}

function areEqual(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
