import { fields, isErrorEvent, isText } from '../payload.js';
import { shape } from '../shape.js';

/** Anthropic's legacy text completions, which state no tokens. */
export const anthropicComplete = /* @__PURE__ */ shape({
  name: 'anthropic.complete',
  is: (payload) => {
    const { type, completion } = fields<'type' | 'completion'>(payload);
    return type === 'completion' && typeof completion === 'string';
  },
  usage: () => undefined,
  output: 'completion',
  failed: isErrorEvent,
  finished: (payload) => isText(fields<'stop_reason'>(payload).stop_reason),
  model: 'model',
});
