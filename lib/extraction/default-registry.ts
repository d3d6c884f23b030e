import { TokenExtractorRegistry } from './registry.js';
import { aiSdk } from './shapes/ai-sdk.js';
import { alephAlpha } from './shapes/aleph-alpha.js';
import { anthropicComplete } from './shapes/anthropic-complete.js';
import { anthropicMessages } from './shapes/anthropic-messages.js';
import { bedrockConverse } from './shapes/bedrock-converse.js';
import { bedrockInvoke } from './shapes/bedrock-invoke.js';
import { cohere } from './shapes/cohere.js';
import { googleEmbed } from './shapes/google-embed.js';
import { googleGenerateContent } from './shapes/google-generate-content.js';
import { googleInteractions } from './shapes/google-interactions.js';
import { langchain } from './shapes/langchain.js';
import { llamaCpp } from './shapes/llama-cpp.js';
import { llamaStack } from './shapes/llama-stack.js';
import { mistral } from './shapes/mistral.js';
import { ollama } from './shapes/ollama.js';
import { openaiAudio } from './shapes/openai-audio.js';
import { openaiChat } from './shapes/openai-chat.js';
import { openaiEmbeddings } from './shapes/openai-embeddings.js';
import { openaiImages } from './shapes/openai-images.js';
import { openaiModerations } from './shapes/openai-moderations.js';
import { openaiResponses } from './shapes/openai-responses.js';
import { replicate } from './shapes/replicate.js';
import { tgi } from './shapes/tgi.js';
import { tgiCompletions } from './shapes/tgi-completions.js';
import { watsonx } from './shapes/watsonx.js';

const KEY = /* @__PURE__ */ Symbol.for('track-inference.extractors.v1');

/**
 * Every built-in response shape, in the order in which they are asked. One registry in a process: the ESM and the
 * CommonJS copy of the package share it, so what is registered through one is known to both.
 */
export const tokenExtractors: TokenExtractorRegistry = /* @__PURE__ */ sharedRegistry();

function sharedRegistry(): TokenExtractorRegistry {
  const shared = globalThis as { [KEY]?: TokenExtractorRegistry };
  shared[KEY] ??= new TokenExtractorRegistry([
    // These two have getters that must not be touched by chance: one drains a stream, the other warns on the console.
    aiSdk,
    googleGenerateContent,
    // Told by their `object`, …
    tgiCompletions,
    mistral,
    openaiChat,
    openaiResponses,
    openaiEmbeddings,
    googleInteractions,
    // … by their `type`, …
    anthropicMessages,
    anthropicComplete,
    openaiAudio,
    openaiImages,
    // … by the fields they have.
    langchain,
    cohere,
    bedrockConverse,
    googleEmbed,
    ollama,
    tgi,
    watsonx,
    llamaStack,
    llamaCpp,
    replicate,
    alephAlpha,
    openaiModerations,
    bedrockInvoke,
  ]);
  return shared[KEY];
}
