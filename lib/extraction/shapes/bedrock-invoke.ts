import { mergeFields } from '../merge-rules.js';
import { fields, generatedAt, isObject } from '../payload.js';
import { shape } from '../shape.js';
import type { TokenExtractor } from '../token-extractor.js';
import { usageTable } from '../usage-table.js';
import { anthropicMessages, mergeBesideCache, withCache } from './anthropic-messages.js';
import { bedrockConverse, hasException } from './bedrock-converse.js';
import { openaiChat } from './openai-chat.js';

declare class TextDecoder {
  decode(bytes: Uint8Array): string;
}

/** What Bedrock adds to the last chunk of a stream. */
const METRICS = 'amazon-bedrock-invocationMetrics';

/** Larger bodies are images and vectors: they state nothing that is worth parsing them a second time. */
const MAX_BYTES = 4 << 20;

/** Llama and Titan. Llama states the prompt in the first chunk alone and counts the output up. */
const readOwn = /* @__PURE__ */ usageTable({
  inputTokens: 'prompt_token_count | inputTextTokenCount',
  outputTokens: 'generation_token_count | totalOutputTextTokenCount | results.0.tokenCount',
});
const readEmbedding = /* @__PURE__ */ usageTable({ inputTokens: 'inputTextTokenCount' }, 'zero');

const readMetrics = /* @__PURE__ */ usageTable({
  inputTokens: 'inputTokenCount',
  outputTokens: 'outputTokenCount',
  cachedInputTokens: 'cacheReadInputTokenCount',
  cacheWriteInputTokens: 'cacheWriteInputTokenCount',
});
const readTime = /* @__PURE__ */ usageTable({ inferenceSeconds: 'invocationLatency ms' });

const isOutput = /* @__PURE__ */ generatedAt(
  'generation | outputText | completion | text | outputs.0.text | generations.0.text',
);

/** The body that Bedrock passed on from a model, once its bytes are read, and whose shape it has. Nova speaks Converse. */
class Invocation {
  readonly family: TokenExtractor | undefined;

  constructor(readonly body: unknown) {
    this.family = [anthropicMessages, bedrockConverse, openaiChat].find((family) => family.recognizes(body));
  }
}

/**
 * Amazon Bedrock's InvokeModel and its stream, as the AWS SDK hands them over: `{ body: bytes }` and
 * `{ chunk: { bytes } }`. The body is the model's own. Families whose counts come in headers alone state none here.
 */
export const bedrockInvoke = /* @__PURE__ */ shape({
  name: 'bedrock.invoke',
  decode: (payload) => {
    const { body, chunk } = fields<'body' | 'chunk'>(payload);
    const bytes = body ?? fields<'bytes'>(chunk).bytes;
    if (!(bytes instanceof Uint8Array) || bytes.byteLength > MAX_BYTES) return payload;
    try {
      return new Invocation(JSON.parse(new TextDecoder().decode(bytes)));
    } catch {
      return payload; // No JSON, as the audio of a speech model.
    }
  },
  is: (payload) =>
    payload instanceof Invocation ||
    METRICS in payload ||
    'inputTextTokenCount' in payload ||
    'generation_token_count' in payload,
  usage: (payload) => {
    const { body, family } = look(payload);
    const metrics = fields<string>(body)[METRICS];
    // Anthropic's own counts, of earlier events, are the better ones.
    const stated = family?.usage(body) ?? (family === anthropicMessages ? undefined : withCache(readMetrics(metrics)));
    const time = readTime(metrics);
    if (stated !== undefined || time !== undefined) return mergeFields(stated, time);
    return isObject(fields<'embedding'>(body).embedding) ? readEmbedding(body) : readOwn(body);
  },
  // Only OpenAI's models state a total; the metrics that come after it then add nothing but the time.
  merge: (soFar, next) =>
    soFar?.totalTokens !== undefined && next.totalTokens === undefined
      ? mergeFields(next, soFar)
      : mergeBesideCache(soFar, next),
  output: (payload) => {
    const { body, family } = look(payload);
    return family?.hasOutput?.(body) ?? isOutput(body);
  },
  failed: (payload) => {
    const { body, family } = look(payload);
    return hasException(payload) || family?.failed?.(body) === true;
  },
  finished: (payload) => {
    const { body, family } = look(payload);
    return isObject(fields<string>(body)[METRICS]) || family?.finished?.(body) === true;
  },
  model: 'body.model | body.message.model',
});

function look(payload: unknown): { readonly body: unknown; readonly family?: TokenExtractor | undefined } {
  return payload instanceof Invocation ? payload : { body: payload };
}
