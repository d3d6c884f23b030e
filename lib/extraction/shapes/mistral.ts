import { fields, first, isText } from '../payload.js';
import { shape } from '../shape.js';
import { openaiChatShape } from './openai-chat.js';

const findReason = /* @__PURE__ */ first('choices.*.finishReason', isText);

/**
 * Chat completions as Mistral's SDK hands them over: in camel case, and each chunk of a stream in a `data` of its own.
 * On the wire they are OpenAI's.
 */
export const mistral = /* @__PURE__ */ shape({
  ...openaiChatShape,
  name: 'mistral.chat',
  is: (payload) => {
    const { data, choices } = fields<'data' | 'choices'>(payload);
    if (choices === undefined) return Array.isArray(fields<'choices'>(data).choices);
    return Array.isArray(choices) && fields<'finishReason'>(choices[0]).finishReason !== undefined;
  },
  usage: (payload) => openaiChatShape.usage(chunkOf(payload)),
  output: (payload) => openaiChatShape.output(chunkOf(payload)),
  finished: (payload) => findReason(chunkOf(payload)) !== undefined,
  model: 'data.model | model',
  isMere: () => false,
});

function chunkOf(payload: unknown): unknown {
  return fields<'data'>(payload).data ?? payload;
}
