/**
 * Token counts that a backend measured. A count it did not state is absent: never 0, never an estimate.
 *
 * What each field of a provider counts as is listed by shape in docs/extractors.md.
 */
export interface TokenUsage {
  /** Tokens of the prompt, those from a cache included. */
  readonly inputTokens?: number;
  /** Tokens that were generated, those of reasoning included. */
  readonly outputTokens?: number;
  /** The provider's own total where it sends one, else input + output. */
  readonly totalTokens?: number;
  /** Input tokens read from a prompt cache; part of `inputTokens`. */
  readonly cachedInputTokens?: number;
  /** Input tokens written to a prompt cache; part of `inputTokens`. */
  readonly cacheWriteInputTokens?: number;
  /** Output tokens spent on reasoning; part of `outputTokens`. */
  readonly reasoningTokens?: number;
  /** The backend's own figure for the time spent in the model, in seconds. */
  readonly inferenceSeconds?: number;
}

/**
 * Reads one response shape: how to recognise it, what it counts, and which of its stream's chunks mean what.
 *
 * Every member gets one whole response, or one chunk of a stream. A member that throws is reported once to `diag`
 * and its answer counts as unknown.
 */
export interface TokenExtractor<Shape = unknown> {
  /** Names the shape, as in `'openai.chat'`; the option `extractor` and {@link TokenExtractorRegistry.get} take it. */
  readonly name: string;
  /** A cheap structural test of one response or chunk. */
  recognizes(value: unknown): value is Shape;
  /** What this response or chunk states, or undefined where it states nothing. */
  usage(value: Shape): TokenUsage | undefined;
  /** Whether a chunk carries generated output, which stops the first-token clock. Default: every chunk does. */
  hasOutput?(value: Shape): boolean;
  /** Joins what an earlier chunk stated with what this one does. Default: the latest replaces. */
  merge?(soFar: TokenUsage | undefined, next: TokenUsage): TokenUsage;
  /** Whether a response or chunk says that the generation failed: the call's status is then `error`. */
  failed?(value: Shape): boolean;
  /** Whether a chunk ends the generation: a consumer that leaves after it counts as success. */
  finished?(value: Shape): boolean;
  /** The model that the response or chunk names; used where the request named none. */
  model?(value: Shape): string | undefined;
  /** Runs once per chunk before all the rest, to turn bytes or text into an object. */
  decode?(value: unknown): unknown;
}
