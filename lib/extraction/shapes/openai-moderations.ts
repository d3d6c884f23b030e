import { fields } from '../payload.js';
import { shape } from '../shape.js';

/** OpenAI's moderations, which state no tokens. */
export const openaiModerations = /* @__PURE__ */ shape({
  name: 'openai.moderations',
  is: (payload) => {
    const { results } = fields<'results'>(payload);
    return Array.isArray(results) && typeof fields<'flagged'>(results[0]).flagged === 'boolean';
  },
  usage: () => undefined,
  model: 'model',
});
