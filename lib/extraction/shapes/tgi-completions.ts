import { addUp } from '../merge-rules.js';
import { fields, first, isText } from '../payload.js';
import { shape } from '../shape.js';
import { openaiChatShape } from './openai-chat.js';

const textOf = /* @__PURE__ */ first('choices.0.text', (value): value is string => typeof value === 'string');

/**
 * Legacy completions as Text Generation Inference streams them: several prompts run side by side in one stream, and
 * each ends with a usage of its own.
 */
export const tgiCompletions = /* @__PURE__ */ shape({
  ...openaiChatShape,
  name: 'openai.completions.tgi',
  is: (payload) => {
    const { system_fingerprint } = fields<'system_fingerprint'>(payload);
    return (
      isText(system_fingerprint) && /^\d+\.\d.*-(native|sha-)/.test(system_fingerprint) && textOf(payload) !== undefined
    );
  },
  merge: addUp,
});
