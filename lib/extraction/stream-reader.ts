import { warnOnce } from '../diagnostics.js';
import { fields } from './payload.js';
import type { TokenExtractorRegistry } from './registry.js';
import type { ShapeExtractor } from './shape.js';
import type { TokenExtractor, TokenUsage } from './token-extractor.js';
import { soundUsage, withTotal } from './usage.js';

/**
 * Reads one stream as it passes, keeping what it has stated so far and nothing else.
 *
 * The first chunk that an extractor recognises decides who reads all that follow. Until then the first chunk that is
 * not empty is a candidate for the first output, which stands if no extractor ever recognises the stream.
 */
export abstract class StreamReading {
  /** Who reads the stream, once that is known. */
  extractor: TokenExtractor | undefined;
  /** The model that the stream names. */
  model: string | undefined = undefined;
  /** Whether a chunk said that the generation failed. */
  saidFailed = false;
  /** Whether the chunk that ends the generation was seen. */
  saidFinished = false;
  /** Whether the moment of the latest `true` from {@link read} is that of the first output. */
  sawOutput = false;
  #stated: TokenUsage | undefined = undefined;
  /** The extractor's own test, from when on it says enough. */
  #isMere: ShapeExtractor['isMere'] = undefined;

  /** @param extractor who reads the stream, if that is not to be found out from its shape */
  constructor(extractor?: TokenExtractor) {
    this.extractor = extractor;
  }

  /** Where the extractor is looked for; not kept here, for a stream in flight is to hold little. */
  protected abstract readonly registry: TokenExtractorRegistry;

  /** What the stream has stated so far. */
  get usage(): TokenUsage | undefined {
    return withTotal(this.#stated);
  }

  /**
   * Takes the next chunk. True means: this is the first output as far as is known, take the time now. It can happen
   * twice, for a candidate and for the output that replaces it. Never throws.
   */
  read(chunk: unknown): boolean {
    return !this.isMere(chunk) && this.readAs(chunk, false);
  }

  /** Whether a chunk is output and no more, in a stream whose model and first output are known: most chunks are. */
  protected isMere(chunk: unknown): boolean {
    const isMere = this.#isMere;
    if (isMere === undefined) return false;
    try {
      return isMere(chunk);
    } catch {
      return false; // Who asks for less of it may be told more.
    }
  }

  /** Takes a whole response, of which nobody asks for the first output or the end. Never throws. */
  readWhole(response: unknown): void {
    this.readAs(response, true);
  }

  /** As {@link read}, for a chunk that is not {@link isMere}. */
  protected readAs(chunk: unknown, isWhole: boolean): boolean {
    const extractor = this.extractor;
    if (extractor === undefined) return this.search(chunk, isWhole);
    if (extractor.decode === undefined) return this.take(extractor, chunk, isWhole);
    let decoded: unknown;
    try {
      decoded = extractor.decode(chunk);
    } catch (error) {
      report(extractor, 'decode', error);
      return false;
    }
    return this.take(extractor, decoded, isWhole);
  }

  private search(chunk: unknown, isWhole: boolean): boolean {
    const found = this.registry.find(chunk);
    if (found !== undefined) {
      this.extractor = found.extractor;
      this.sawOutput = false;
      return this.take(found.extractor, found.value, isWhole);
    }
    if (isError(chunk)) {
      this.saidFailed = true;
      return false;
    }
    if (this.sawOutput || chunk === undefined || chunk === null || chunk === '') return false;
    this.sawOutput = true;
    return true;
  }

  // Each member has a try of its own: one that throws must not hide what the others say of the same chunk.
  private take(extractor: ShapeExtractor, chunk: unknown, isWhole: boolean): boolean {
    try {
      const next = extractor.usage(chunk);
      if (next !== undefined) this.state(extractor, next);
    } catch (error) {
      report(extractor, 'usage', error);
    }
    if (this.model === undefined && extractor.model !== undefined) {
      try {
        const model = extractor.model(chunk);
        if (typeof model === 'string' && model !== '') this.model = model;
      } catch (error) {
        report(extractor, 'model', error);
      }
    }
    if (!this.saidFailed && extractor.failed !== undefined) {
      try {
        this.saidFailed = extractor.failed(chunk) === true;
      } catch (error) {
        report(extractor, 'failed', error);
      }
    }
    if (isWhole) return false;
    if (!this.saidFinished && extractor.finished !== undefined) {
      try {
        this.saidFinished = extractor.finished(chunk) === true;
      } catch (error) {
        report(extractor, 'finished', error);
      }
    }
    if (this.sawOutput) {
      if (this.model !== undefined && extractor.decode === undefined) this.#isMere = extractor.isMere;
      return false;
    }
    try {
      this.sawOutput = extractor.hasOutput === undefined || extractor.hasOutput(chunk) === true;
    } catch (error) {
      report(extractor, 'hasOutput', error);
    }
    return this.sawOutput;
  }

  private state(extractor: TokenExtractor, stated: TokenUsage): void {
    const next = soundUsage(stated);
    if (next === undefined) {
      refusePromise(extractor, stated);
      return;
    }
    if (extractor.merge === undefined) {
      this.#stated = next;
      return;
    }
    try {
      this.#stated = soundUsage(extractor.merge(this.#stated, next));
    } catch (error) {
      report(extractor, 'merge', error);
      this.#stated = next;
    }
  }
}

/** Reads one stream, or a whole response, by itself. */
export class StreamReader extends StreamReading {
  constructor(
    protected readonly registry: TokenExtractorRegistry,
    extractor?: TokenExtractor,
  ) {
    super(extractor);
  }
}

/**
 * Whether an item that nobody recognises reports a failure. Anthropic, the Vercel AI SDK and OpenAI's Responses all
 * send `{ type: 'error' }`, compatible servers an `error` object and nothing else, so it names no shape.
 */
function isError(item: unknown): boolean {
  try {
    const { type, error } = fields<'type' | 'error'>(item);
    return type === 'error' || (typeof error === 'object' && error !== null);
  } catch {
    return false;
  }
}

/** An async extractor comes too late; its failure must not become an unhandled rejection either. */
function refusePromise(extractor: TokenExtractor, stated: unknown): void {
  if (typeof fields<'then'>(stated).then !== 'function') return;
  report(extractor, 'usage', 'returned a promise; it must return the usage at once');
  (stated as PromiseLike<unknown>).then(undefined, () => {});
}

function report(extractor: TokenExtractor, member: string, error: unknown): void {
  warnOnce(`extractor ${extractor.name}.${member}`, error);
}
