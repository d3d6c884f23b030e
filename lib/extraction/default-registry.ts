import { TokenExtractorRegistry } from './registry.js';
import { anthropicMessages } from './shapes/anthropic-messages.js';
import { ollama } from './shapes/ollama.js';
import { openaiChat } from './shapes/openai-chat.js';
import { openaiEmbeddings } from './shapes/openai-embeddings.js';
import { openaiResponses } from './shapes/openai-responses.js';

const KEY = /* @__PURE__ */ Symbol.for('track-inference.extractors.v1');

/**
 * Every built-in response shape, in the order in which they are asked. One registry in a process: the ESM and the
 * CommonJS copy of the package share it, so what is registered through one is known to both.
 */
export const tokenExtractors: TokenExtractorRegistry = /* @__PURE__ */ sharedRegistry();

function sharedRegistry(): TokenExtractorRegistry {
  const shared = globalThis as { [KEY]?: TokenExtractorRegistry };
  shared[KEY] ??= new TokenExtractorRegistry([
    openaiChat,
    openaiResponses,
    openaiEmbeddings,
    anthropicMessages,
    ollama,
  ]);
  return shared[KEY];
}
