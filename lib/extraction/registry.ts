import { warnOnce } from '../diagnostics.js';
import { isObject } from './payload.js';
import { readsObjectsOnly } from './shape.js';
import { StreamReader } from './stream-reader.js';
import type { TokenExtractor, TokenUsage } from './token-extractor.js';
import { statesTokens } from './usage.js';

const OPTIONAL_MEMBERS = ['hasOutput', 'merge', 'failed', 'finished', 'model', 'decode'] as const;

/** An extractor that recognised a value, and the value as it decoded it. */
export interface Recognition {
  readonly extractor: TokenExtractor;
  readonly value: unknown;
}

/** One registration: an extractor may be registered twice. */
interface Entry {
  readonly extractor: TokenExtractor;
}

/**
 * Extractors in the order in which they are asked whether a response or chunk is theirs. The first that says so reads
 * it. Safe to change at any time: a stream that is being read keeps the extractor it has.
 */
export class TokenExtractorRegistry {
  /** Replaced, never changed: a search that is under way sees the order it began with. */
  #entries: readonly Entry[] = [];
  /** Those of them that may know what is no object. */
  #ofPrimitives: readonly Entry[] = [];

  constructor(extractors: Iterable<TokenExtractor> = []) {
    this.#order(Array.from(extractors, (extractor) => ({ extractor: checked(extractor) })));
  }

  /**
   * Adds an extractor before all others, or after them.
   *
   * A name may be taken twice; the one earlier in the order is asked first and is the one that {@link get} finds, so
   * registering `'openai.chat'` again replaces the built-in one until it is taken out.
   *
   * @returns a function that takes it out again; calling it twice does no harm
   * @throws TypeError if the extractor lacks a member
   */
  register<Shape>(extractor: TokenExtractor<Shape>, position: 'first' | 'last' = 'first'): () => void {
    const entry = { extractor: checked(extractor) };
    if (position !== 'first' && position !== 'last') {
      throw new TypeError(
        `TokenExtractorRegistry.register: position must be 'first' or 'last', got ${String(position)}.`,
      );
    }
    this.#order(position === 'first' ? [entry, ...this.#entries] : [...this.#entries, entry]);
    return () => this.#order(this.#entries.filter((other) => other !== entry));
  }

  /** The extractor that reads this response or chunk. */
  recognize(value: unknown): TokenExtractor | undefined {
    return this.find(value)?.extractor;
  }

  /** The extractor of that name; the first in order if there are several. */
  get(name: string): TokenExtractor | undefined {
    return this.#entries.find(({ extractor }) => extractor.name === name)?.extractor;
  }

  /** The tokens that a whole response states; undefined where it states none. */
  extract(response: unknown): TokenUsage | undefined {
    return tokensIn(readResponse(this, response).usage);
  }

  /** Reads a recorded stream as a live one is read: one chunk at a time, in memory that does not grow with it. */
  extractStream(chunks: Iterable<unknown>): { usage?: TokenUsage; firstOutputIndex?: number; extractor?: string } {
    const reader = new StreamReader(this);
    let index = 0;
    let firstOutputIndex = 0;
    for (const chunk of chunks) {
      if (reader.read(chunk)) firstOutputIndex = index;
      index++;
    }
    const usage = tokensIn(reader.usage);
    return {
      ...(usage && { usage }),
      ...(reader.sawOutput && { firstOutputIndex }),
      ...(reader.extractor && { extractor: reader.extractor.name }),
    };
  }

  /** @internal As {@link recognize}, with the value as the extractor decoded it. */
  find(value: unknown): Recognition | undefined {
    for (const { extractor } of isObject(value) ? this.#entries : this.#ofPrimitives) {
      let member = 'decode';
      try {
        const decoded = extractor.decode === undefined ? value : extractor.decode(value);
        member = 'recognizes';
        if (extractor.recognizes(decoded)) return { extractor, value: decoded };
      } catch (error) {
        warnOnce(`extractor ${extractor.name}.${member}`, error);
      }
    }
    return undefined;
  }

  #order(entries: readonly Entry[]): void {
    this.#entries = entries;
    this.#ofPrimitives = entries.filter(({ extractor }) => !readsObjectsOnly(extractor));
  }
}

/** What a whole response says of itself. */
export interface ResponseReading {
  readonly usage: TokenUsage | undefined;
  readonly model: string | undefined;
  /** Whether it says that the generation failed. */
  readonly failed: boolean;
}

/**
 * Reads a whole response, as a stream of one chunk. Never throws.
 *
 * @param extractor who reads it, if that is not to be found out from its shape
 */
export function readResponse(
  registry: TokenExtractorRegistry,
  response: unknown,
  extractor?: TokenExtractor,
): ResponseReading {
  const reader = new StreamReader(registry, extractor);
  reader.readWhole(response);
  return { usage: reader.usage, model: reader.model, failed: reader.saidFailed };
}

function tokensIn(usage: TokenUsage | undefined): TokenUsage | undefined {
  return statesTokens(usage) ? usage : undefined;
}

function checked(extractor: TokenExtractor): TokenExtractor {
  const { name } = extractor ?? {};
  if (typeof name !== 'string' || name === '') {
    throw new TypeError('TokenExtractorRegistry: an extractor needs a name, as in { name: "acme.chat", … }.');
  }
  for (const member of ['recognizes', 'usage'] as const) {
    if (typeof extractor[member] !== 'function') {
      throw new TypeError(`TokenExtractorRegistry: extractor "${name}" lacks ${member}(value); add that function.`);
    }
  }
  for (const member of OPTIONAL_MEMBERS) {
    if (extractor[member] !== undefined && typeof extractor[member] !== 'function') {
      throw new TypeError(`TokenExtractorRegistry: ${member} of extractor "${name}" must be a function or left out.`);
    }
  }
  return extractor;
}
