import { fields, isErrorEvent, isObject, isText, startsWith } from '../payload.js';
import { shape } from '../shape.js';
import { readResponsesUsage } from './openai-responses.js';

/** OpenAI's generated images, whole or as events of a partial image each. Older models state no usage. */
export const openaiImages = /* @__PURE__ */ shape({
  name: 'openai.images',
  is: (payload) => {
    const { type, data } = fields<'type' | 'data'>(payload);
    if (startsWith(type, 'image_generation.') || startsWith(type, 'image_edit.')) return true;
    return Array.isArray(data) && isObject(data[0]) && ('b64_json' in data[0] || 'url' in data[0]);
  },
  usage: (payload) => readResponsesUsage(fields<'usage'>(payload).usage),
  failed: isErrorEvent,
  finished: (payload) => {
    const { type } = fields<'type'>(payload);
    return isText(type) && type.endsWith('.completed');
  },
});
