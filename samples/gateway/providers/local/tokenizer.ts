import llamaTokenizer from 'llama-tokenizer-js';
import { ApiError } from '../../api-error.js';

/** The token ids of a text as LLaMA's tokenizer has them, without a begin-of-sequence token. */
export function encode(text: string): number[] {
  return text === '' ? [] : llamaTokenizer.encode(text, false);
}

export const CONTEXT_TOKENS = 4_096;

/** The longest text that could fit into the context: no token of the vocabulary stands for more characters. */
const MAX_CHARACTERS = CONTEXT_TOKENS * 16;

/**
 * Counts the tokens of a prompt, or throws that it does not fit into the model's context.
 *
 * Megabytes are refused unread: the tokenizer would hold the event loop for seconds.
 */
export function countTokens(text: string, param: string): number {
  const tokens = text.length > MAX_CHARACTERS ? Number.POSITIVE_INFINITY : encode(text).length;
  if (tokens < CONTEXT_TOKENS) return tokens;
  const length = Number.isFinite(tokens) ? `${tokens} tokens` : `${text.length} characters`;
  const message = `This model's maximum context length is ${CONTEXT_TOKENS} tokens, but '${param}' has ${length}.`;
  throw new ApiError(message, { param, code: 'context_length_exceeded' });
}

/** The text of tokens that a client sent. */
export function decode(tokens: readonly number[], param: string): string {
  const fits = tokens.length < CONTEXT_TOKENS;
  if (fits && tokens.every((token) => llamaTokenizer.vocabById[token] !== undefined)) {
    return llamaTokenizer.decode([...tokens], false);
  }
  const message = `Invalid '${param}': expected fewer than ${CONTEXT_TOKENS} tokens, all of this model's vocabulary.`;
  throw new ApiError(message, { param, code: 'invalid_value' });
}

const piecesOfWord = new Map<string, readonly string[]>();

/**
 * The texts of a word's tokens, the first with the space that separates it from the word before.
 *
 * No token of this vocabulary reaches across a space, so a text's tokens are those of its words, one after the other.
 * Kept per word: meant for the words of the model, of which there is a fixed number.
 */
export function tokenTexts(word: string): readonly string[] {
  let pieces = piecesOfWord.get(word);
  if (pieces === undefined) {
    pieces = encode(word).map((token) => llamaTokenizer.decode([token], false, false));
    piecesOfWord.set(word, pieces);
  }
  return pieces;
}
