import { ApiError } from './api-error.js';
import type { ChatCompletionParams, CompletionParams, EmbeddingParams } from './providers/provider.js';

type Body = Readonly<Record<string, unknown>>;

/*
 * What every provider needs to be there is checked here, in OpenAI's words. Whether a value suits the model is the
 * provider's to say: an upstream knows parameters that this gateway has never heard of.
 */

export function chatParams(text: string): ChatCompletionParams {
  const body = parse(text);
  checkModelAndStream(body);
  const messages = required(body, 'messages');
  if (!Array.isArray(messages)) throw invalidType('messages', 'an array of objects', messages);
  if (messages.length === 0) {
    const message = "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array.";
    throw new ApiError(message, { param: 'messages', code: 'empty_array' });
  }
  messages.forEach((message: unknown, at) => {
    checkMessage(message, `messages[${at}]`);
  });
  return body as unknown as ChatCompletionParams;
}

export function completionParams(text: string): CompletionParams {
  const body = parse(text);
  checkModelAndStream(body);
  if (body['prompt'] != null) checkTextOrTokens(body['prompt'], 'prompt');
  return body as unknown as CompletionParams;
}

export function embeddingParams(text: string): EmbeddingParams {
  const body = parse(text);
  checkModelAndStream(body);
  checkTextOrTokens(required(body, 'input'), 'input');
  const format = body['encoding_format'];
  if (format !== undefined && format !== 'float' && format !== 'base64') {
    const message = "Invalid 'encoding_format': expected 'float' or 'base64'.";
    throw new ApiError(message, { param: 'encoding_format', code: 'invalid_value' });
  }
  return body as unknown as EmbeddingParams;
}

function parse(text: string): Body {
  try {
    const body: unknown = JSON.parse(text);
    if (isObject(body)) return body;
  } catch {
    // The same answer as for JSON that is not an object.
  }
  throw new ApiError('We could not parse the JSON body of your request: expected a JSON object.');
}

function checkModelAndStream(body: Body): void {
  if (body['model'] == null || body['model'] === '') {
    throw new ApiError('You must provide a model parameter.', { param: 'model', code: 'missing_required_parameter' });
  }
  if (typeof body['model'] !== 'string') throw invalidType('model', 'a string', body['model']);
  const { stream, stream_options: streamOptions } = body;
  if (stream != null && typeof stream !== 'boolean') throw invalidType('stream', 'a boolean', stream);
  if (streamOptions == null) return;
  if (!isObject(streamOptions)) throw invalidType('stream_options', 'an object', streamOptions);
  if (stream !== true) {
    const message = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
    throw new ApiError(message, { param: 'stream_options' });
  }
}

const ROLES: readonly unknown[] = ['developer', 'system', 'user', 'assistant', 'tool', 'function'];

function checkMessage(message: unknown, param: string): void {
  if (!isObject(message)) throw invalidType(param, 'an object', message);
  if (!ROLES.includes(message['role'])) {
    const expected = ROLES.map((role) => `'${role}'`).join(', ');
    throw new ApiError(`Invalid value for '${param}.role': expected one of ${expected}.`, {
      param: `${param}.role`,
      code: 'invalid_value',
    });
  }
  const { content } = message;
  // Only an assistant's message that calls tools has nothing to say.
  const mayBeEmpty = message['role'] === 'assistant' || message['role'] === 'function';
  const fits = typeof content === 'string' || (Array.isArray(content) && content.every(isPart));
  if (!fits && !(content == null && mayBeEmpty)) {
    throw invalidType(`${param}.content`, 'a string or an array of content parts', content);
  }
}

function isPart(part: unknown): boolean {
  return (
    isObject(part) && typeof part['type'] === 'string' && (part['type'] !== 'text' || typeof part['text'] === 'string')
  );
}

function checkTextOrTokens(value: unknown, param: string): void {
  const isTokens = (item: unknown) => Array.isArray(item) && item.length > 0 && item.every(Number.isInteger);
  const isBatch = (item: unknown) =>
    Array.isArray(item) && item.length > 0 && (item.every((text) => typeof text === 'string') || item.every(isTokens));
  if (typeof value === 'string' || isTokens(value) || isBatch(value)) return;
  throw invalidType(param, 'a string, an array of strings, or an array of tokens', value);
}

function required(body: Body, param: string): unknown {
  if (body[param] != null) return body[param];
  throw new ApiError(`Missing required parameter: '${param}'.`, { param, code: 'missing_required_parameter' });
}

function invalidType(param: string, expected: string, value: unknown): ApiError {
  const got = Array.isArray(value) ? 'an array' : value === null ? 'null' : typeof value;
  const message = `Invalid type for '${param}': expected ${expected}, but got ${got} instead.`;
  return new ApiError(message, { param, code: 'invalid_type' });
}

function isObject(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
