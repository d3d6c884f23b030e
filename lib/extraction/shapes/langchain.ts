import { addUp } from '../merge-rules.js';
import { fields, first, generatedAt, isObject, isText } from '../payload.js';
import { shape } from '../shape.js';
import { usageTable } from '../usage-table.js';

type Message = 'content' | 'usage_metadata' | 'response_metadata';

const readUsage = /* @__PURE__ */ usageTable({
  inputTokens: 'input_tokens | prompt_tokens',
  outputTokens: 'output_tokens | completion_tokens',
  totalTokens: 'total_tokens',
  cachedInputTokens: 'input_token_details.cache_read',
  cacheWriteInputTokens: 'input_token_details.cache_creation',
  reasoningTokens: 'output_token_details.reasoning',
});

/** Copies of the same counts stand in several places: the first is read. */
const findUsage = /* @__PURE__ */ first(
  'llmOutput.tokenUsage | llmOutput.usage | generations.0.0.message.usage_metadata | message.usage_metadata | ' +
    'usage_metadata | response_metadata.tokenUsage',
  (usage): usage is object => readUsage(usage) !== undefined,
);
const findMessage = /* @__PURE__ */ first('generations.0.0.message | message', isObject);
const findReason = /* @__PURE__ */ first('response_metadata.finish_reason | response_metadata.stop_reason', isText);
const isOutput = /* @__PURE__ */ generatedAt(
  'content | content.*.text | content.*.thinking | content.*.reasoning | content.*.input | content.*.name | ' +
    'additional_kwargs.reasoning_content | tool_call_chunks.*.name | tool_call_chunks.*.args | tool_calls.*.name',
);

/** LangChain's messages, message chunks and results. Chunks are made to be added up, and so are their counts. */
export const langchain = /* @__PURE__ */ shape({
  name: 'langchain',
  is: (payload) => {
    const { message, generations } = fields<'message' | 'generations'>(payload);
    const { response_metadata, usage_metadata, content } = fields<Message>(message ?? payload);
    if (content !== undefined && isObject(response_metadata ?? usage_metadata)) return true;
    return Array.isArray(generations) && Array.isArray(generations[0]);
  },
  usage: (payload) => readUsage(findUsage(payload)),
  merge: addUp,
  output: (payload) => isOutput(messageOf(payload)),
  finished: (payload) => findReason(messageOf(payload)) !== undefined,
  model:
    'response_metadata.model_name | response_metadata.model | message.response_metadata.model_name | ' +
    'message.response_metadata.model | generations.0.0.message.response_metadata.model_name',
});

/** The message itself, in a generation's chunk, or first in a result. */
function messageOf(payload: unknown): unknown {
  return findMessage(payload) ?? payload;
}
