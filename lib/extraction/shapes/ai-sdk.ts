import { type Fields, fields, first, isObject, isText, text } from '../payload.js';
import { shape } from '../shape.js';
import type { TokenUsage } from '../token-extractor.js';
import { usageTable } from '../usage-table.js';
import { withCache } from './anthropic-messages.js';

type Payload =
  | 'type'
  | 'finishReason'
  | 'usage'
  | 'totalUsage'
  | 'providerMetadata'
  | 'part'
  | 'partialOutput'
  | 'toolCallId'
  | 'embedding'
  | 'embeddings';

const PART =
  /^((start|finish)-step|step-(start|finish)|stream-start|response-metadata|(text|reasoning|tool-input)-(start|delta|end)|(redacted-)?reasoning|reasoning-signature|tool-(call|call-streaming-start|result|error))$/;
const OUTPUT =
  /^((text|reasoning|tool-input|tool-call)-delta|(redacted-)?reasoning|tool-(input-start|call|call-streaming-start)|file)$/;

/** Versions 5 to 7, then the provider level of 6 and 7, then version 4, which says NaN for what it does not know. */
const readUsage = /* @__PURE__ */ usageTable({
  inputTokens: 'inputTokens | inputTokens.total | promptTokens | tokens',
  outputTokens: 'outputTokens | outputTokens.total | completionTokens',
  totalTokens: 'totalTokens | tokens',
  cachedInputTokens: 'inputTokenDetails.cacheReadTokens | inputTokens.cacheRead | cachedInputTokens',
  cacheWriteInputTokens: 'inputTokenDetails.cacheWriteTokens | inputTokens.cacheWrite',
  reasoningTokens: 'outputTokenDetails.reasoningTokens | outputTokens.reasoning | reasoningTokens',
});

/** What versions 4 and 5 leave to the metadata of the provider. */
const readMetadata = /* @__PURE__ */ usageTable({
  cachedInputTokens: 'openai.cachedPromptTokens | anthropic.cacheReadInputTokens',
  cacheWriteInputTokens: 'anthropic.cacheCreationInputTokens',
  reasoningTokens: 'openai.reasoningTokens',
});

const findDetails = /* @__PURE__ */ first('inputTokenDetails | inputTokens', isObject);

/** The Vercel AI SDK, versions 4 to 7: results, parts of a stream, embeddings, and the provider level below them. */
export const aiSdk = /* @__PURE__ */ shape({
  name: 'ai-sdk',
  is: (payload) => {
    // Known before all others and never looked into: the getters of a stream's result start it or drain it.
    if (isStreamResult(payload)) return true;
    const part = fields<Payload>(partOf(payload));
    // Below a result, parts lie in an object that nobody else has, so that any of them tells: an error before the first one too.
    if (part !== payload && 'partialOutput' in payload) return isText(part.type);
    if (isText(part.type)) return isPart(part.type, part);
    if ('finishReason' in payload) return 'usage' in payload && !('message' in payload);
    const { embedding, embeddings, usage } = fields<Payload>(payload);
    return Array.isArray(embedding ?? embeddings) && 'tokens' in Object(usage);
  },
  usage: (payload) => {
    const { type, totalUsage, usage, providerMetadata } = fields<Payload>(partOf(payload));
    // The usage of a step is part of the one that the finish states.
    return isText(type) && type !== 'finish' ? undefined : statedUsage(totalUsage ?? usage, providerMetadata);
  },
  output: (payload) => {
    const {
      type,
      textDelta,
      text: said,
      delta,
      argsTextDelta,
    } = fields<'type' | 'textDelta' | 'text' | 'delta' | 'argsTextDelta'>(partOf(payload));
    const generated = textDelta ?? said ?? delta ?? argsTextDelta;
    return isText(type) && OUTPUT.test(type) && generated !== '';
  },
  failed: (payload) => {
    const { type, finishReason } = fields<Payload>(partOf(payload));
    return type === 'error' || finishReason === 'error' || fields<'unified'>(finishReason).unified === 'error';
  },
  finished: (payload) => fields<Payload>(partOf(payload)).type === 'finish',
  model: (payload) => {
    const { response, modelId } = fields<'response' | 'modelId'>(partOf(payload));
    return text(fields<'modelId'>(response).modelId ?? modelId);
  },
});

function isStreamResult(payload: unknown): boolean {
  return isObject(payload) && ('textStream' in payload || 'fullStream' in payload);
}

/** The part that a chunk is, or carries as the stream below a result's does. A stream's result has none for us. */
function partOf(payload: unknown): unknown {
  const { type, part } = fields<Payload>(payload);
  if (isText(type)) return payload;
  if (isObject(part)) return part;
  return isStreamResult(payload) ? undefined : payload;
}

/** Cohere's `tool-call-delta` has the name of version 4's, but not its fields. */
function isPart(type: string, { toolCallId, finishReason }: Fields<Payload>): boolean {
  if (type === 'tool-call-delta') return toolCallId !== undefined;
  return PART.test(type) || (type === 'finish' && finishReason !== undefined);
}

function statedUsage(usage: unknown, metadata: unknown): TokenUsage | undefined {
  const stated = readUsage(usage);
  if (stated === undefined || findDetails(usage) !== undefined) return stated;
  const whole: TokenUsage = { ...readMetadata(metadata), ...stated };
  // Up to version 5, Anthropic's input comes without what was cached, and the total with it.
  const { anthropic } = fields<'anthropic'>(metadata);
  if (!isObject(anthropic) && (whole.cachedInputTokens ?? 0) <= (whole.inputTokens ?? 0)) return whole;
  const { totalTokens: _, ...parts } = whole;
  return withCache(parts);
}
