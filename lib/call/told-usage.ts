import type { TokenUsage } from '../extraction/token-extractor.js';
import { soundUsage, withTotal } from '../extraction/usage.js';

/**
 * What a call is told of its tokens, beside what its response states: as the option `usage` reads them, and as code inside
 * the method reports them, which goes before all.
 */
export class ToldUsage {
  #selected: TokenUsage | undefined;
  #reported: TokenUsage | undefined;

  /** Takes what the option `usage` made of the response or of a chunk; the latest that is something counts. */
  select(usage: unknown): void {
    this.#selected = soundUsage(usage as TokenUsage) ?? this.#selected;
  }

  /** Takes what code inside the method reports; a later report adds to an earlier one. */
  report(usage: unknown): void {
    this.#reported = added(this.#reported, usage);
  }

  /** @param otherwise what counts where the option states nothing */
  total(otherwise: TokenUsage | undefined): TokenUsage | undefined {
    return withTotal(added(this.#selected ?? otherwise, this.#reported));
  }
}

/** Adds what is stated to what was known before: field by field, and only numbers that can be recorded. */
function added(known: TokenUsage | undefined, stated: unknown): TokenUsage | undefined {
  const next = soundUsage(stated as TokenUsage);
  if (next === undefined || known === undefined) return next ?? known;
  const { totalTokens, ...parts } = known;
  const changesParts = next.inputTokens !== undefined || next.outputTokens !== undefined;
  // A total belongs to the parts it was stated with.
  return changesParts || totalTokens === undefined ? { ...parts, ...next } : { ...parts, totalTokens, ...next };
}
