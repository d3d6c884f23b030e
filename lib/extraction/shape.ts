import { first, generatedAt, isObject, isText } from './payload.js';
import type { TokenExtractor, TokenUsage } from './token-extractor.js';

/** A response shape: paths where they say it, functions where they do not. All take one response or one chunk. */
export interface Shape {
  readonly name: string;
  /** Whether an object is of this shape. */
  readonly is: (payload: object) => boolean;
  readonly usage: (payload: unknown) => TokenUsage | undefined;
  /** The paths of generated output, or the test for it. Without it everything is output. */
  readonly output?: string | ((payload: unknown) => boolean);
  readonly merge?: (soFar: TokenUsage | undefined, next: TokenUsage) => TokenUsage;
  readonly failed?: (payload: unknown) => boolean;
  readonly finished?: (payload: unknown) => boolean;
  /** The paths of the model's name, or what finds it. */
  readonly model?: string | ((payload: unknown) => string | undefined);
  readonly decode?: (payload: unknown) => unknown;
  /**
   * Whether a chunk is output and no more: states no usage, fails nothing, ends nothing. In a stream whose model and first
   * output are known it is all that is asked of most chunks.
   */
  readonly isMere?: (payload: unknown) => boolean;
}

/** An extractor that is made of a shape. */
export interface ShapeExtractor extends TokenExtractor {
  readonly isMere?: Shape['isMere'];
}

const shapes = /* @__PURE__ */ new WeakSet<object>();

/**
 * Makes the extractor of a shape. Every one has all members, in one order: then reading the members of one costs the
 * same whichever shape a stream has.
 */
export function shape({
  name,
  is,
  usage,
  output,
  merge,
  failed,
  finished,
  model,
  decode,
  isMere,
}: Shape): TokenExtractor {
  const extractor = {
    name,
    recognizes: (payload: unknown): payload is object => isObject(payload) && is(payload),
    usage,
    hasOutput: typeof output === 'string' ? generatedAt(output) : output,
    merge,
    failed,
    finished,
    model: typeof model === 'string' ? first(model, isText) : model,
    decode,
    isMere,
  };
  shapes.add(extractor);
  return extractor as TokenExtractor;
}

/** Whether an extractor need only be asked about objects: streams of plain text are many. */
export function readsObjectsOnly(extractor: TokenExtractor): boolean {
  return shapes.has(extractor);
}
