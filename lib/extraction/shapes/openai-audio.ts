import { fields, isErrorEvent, startsWith } from '../payload.js';
import { shape } from '../shape.js';
import { readResponsesUsage } from './openai-responses.js';

type Payload = 'type' | 'text' | 'usage';

/** OpenAI's transcriptions and spoken answers. Models that bill by the second state no tokens. */
export const openaiAudio = /* @__PURE__ */ shape({
  name: 'openai.audio',
  is: (payload) => {
    const { type, usage } = fields<Payload>(payload);
    if (startsWith(type, 'transcript.text.') || startsWith(type, 'speech.audio.')) return true;
    const { type: unit } = fields<'type'>(usage);
    return (unit === 'tokens' || unit === 'duration') && typeof fields<Payload>(payload).text === 'string';
  },
  usage: (payload) => readResponsesUsage(fields<Payload>(payload).usage),
  output: 'delta | audio',
  failed: isErrorEvent,
  finished: (payload) => {
    const { type } = fields<Payload>(payload);
    return type === 'transcript.text.done' || type === 'speech.audio.done';
  },
});
