import { fields, first, generatedAt, isCount, isObject, isText } from '../payload.js';
import { shape } from '../shape.js';
import { usageTable } from '../usage-table.js';

type Payload = 'candidates' | 'usageMetadata' | 'usage_metadata' | 'promptFeedback' | 'response' | 'error';

// Thinking stands beside the candidates, what was cached inside the prompt. Protobuf's JSON leaves zeros out, and may
// have the fields in either case.
const readUsage = /* @__PURE__ */ usageTable(
  {
    inputTokens: 'prompt_token_count + tool_use_prompt_token_count',
    outputTokens: 'candidates_token_count + thoughts_token_count',
    totalTokens: 'total_token_count',
    cachedInputTokens: 'cached_content_token_count',
    reasoningTokens: 'thoughts_token_count',
  },
  'zero',
);

const findReason = /* @__PURE__ */ first(
  'finish_reason',
  (value): value is string | number => isText(value) || (isCount(value) && value > 0),
);

// A part with nothing but a thought's signature is none.
const isOutput = /* @__PURE__ */ generatedAt(
  'candidates.*.content.parts.*.text | candidates.*.content.parts.*.function_call | ' +
    'candidates.*.content.parts.*.executable_code | candidates.*.content.parts.*.inline_data',
);

/** Gemini's generateContent from the Gemini API and Vertex. The latest usage that states a count replaces as a whole. */
export const googleGenerateContent = /* @__PURE__ */ shape({
  name: 'google.generateContent',
  is: (payload) => {
    const { candidates, usageMetadata, promptFeedback } = fields<Payload>(contentOf(payload));
    const { embedding, embeddings } = fields<'embedding' | 'embeddings'>(payload);
    return (
      Array.isArray(candidates) ||
      isObject(promptFeedback) ||
      (isObject(usageMetadata) && !isObject(embedding ?? embeddings))
    );
  },
  usage: (payload) => {
    const { usageMetadata, usage_metadata } = fields<Payload>(contentOf(payload));
    return readUsage(usageMetadata ?? usage_metadata);
  },
  output: (payload) => isOutput(contentOf(payload)),
  failed: (payload) => isObject(fields<Payload>(payload).error),
  finished: (payload) => {
    const { candidates } = fields<Payload>(contentOf(payload));
    return Array.isArray(candidates) && findReason(candidates[0]) !== undefined;
  },
  model: 'model_version | response.modelVersion',
});

/** Vertex' older SDKs hand a whole response over as `{ response }`. */
function contentOf(payload: unknown): unknown {
  const { candidates, response } = fields<Payload>(payload);
  return candidates === undefined && isObject(response) ? response : payload;
}
