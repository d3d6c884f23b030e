import { setImmediate as breathe } from 'node:timers/promises';
import { ApiError } from '../../api-error.js';
import type { EmbeddingParams, EmbeddingResult } from '../provider.js';
import { asList } from './prompts.js';
import { countTokens, decode } from './tokenizer.js';

const DEFAULT_DIMENSIONS = 256;
const MAX_DIMENSIONS = 4_096;
const MAX_INPUTS = 2_048;

/** Embeds every input; the same text always gets the same vector, texts that share words get near ones. */
export async function embed(params: EmbeddingParams, model: string, signal?: AbortSignal): Promise<EmbeddingResult> {
  const dimensions = dimensionsOf(params);
  const inputs = asList(params.input);
  if (inputs.length > MAX_INPUTS) {
    throw new ApiError(`Invalid 'input': at most ${MAX_INPUTS} items fit into a request.`, { param: 'input' });
  }
  let tokens = 0;
  const data: EmbeddingResult['data'][number][] = [];
  for (const [index, input] of inputs.entries()) {
    const text = typeof input === 'string' ? input : decode(input, 'input');
    if (text === '') throw new ApiError("Invalid 'input': it cannot be an empty string.", { param: 'input' });
    tokens += typeof input === 'string' ? countTokens(input, 'input') : input.length;
    const vector = vectorOf(text, dimensions);
    const embedding = params.encoding_format === 'base64' ? base64(vector) : [...vector];
    data.push({ object: 'embedding', index, embedding });
    // A batch may be long; other requests, and the news that this client has left, come in between.
    await breathe(undefined, { signal });
  }
  return { object: 'list', data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } };
}

/** Words and their three-letter parts, each hashed to a dimension and a sign; of length 1. */
function vectorOf(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text]) {
    add(vector, word, 1);
    const edged = `^${word}$`;
    for (let at = 0; at + 3 <= edged.length; at++) add(vector, edged.slice(at, at + 3), 0.5);
  }
  const length = Math.hypot(...vector);
  // Features may cancel each other out; a unit vector is still what the client counts on.
  if (length === 0) vector[hash(text) % dimensions] = 1;
  return length === 0 ? vector : vector.map((value) => value / length);
}

function add(vector: Float32Array, feature: string, weight: number): void {
  const hashed = hash(feature);
  const at = (hashed >>> 1) % vector.length;
  vector[at] = (vector[at] ?? 0) + (hashed & 1 ? weight : -weight);
}

/** FNV-1a, with a final mix so that its lowest bit is as good as the others. */
function hash(text: string): number {
  let hashed = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hashed = Math.imul(hashed ^ text.charCodeAt(at), 0x01000193);
  return (hashed ^ (hashed >>> 15)) >>> 0;
}

/** Little-endian 32-bit floats, which is what OpenAI's clients ask for by default and decode. */
function base64(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [at, value] of vector.entries()) bytes.writeFloatLE(value, at * 4);
  return bytes.toString('base64');
}

function dimensionsOf({ dimensions = DEFAULT_DIMENSIONS }: EmbeddingParams): number {
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > MAX_DIMENSIONS) {
    const message = `Invalid 'dimensions': expected an integer from 1 to ${MAX_DIMENSIONS}.`;
    throw new ApiError(message, { param: 'dimensions', code: 'invalid_value' });
  }
  return dimensions;
}
