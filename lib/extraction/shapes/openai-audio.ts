import { fields, isErrorEvent, startsWith } from '../payload.js';
import { shape } from '../shape.js';
import { readChatUsage } from './openai-chat.js';
import { readResponsesUsage } from './openai-responses.js';

type Payload = 'type' | 'text' | 'usage';

/** Transcriptions and spoken answers of OpenAI, and Mistral's. Models that bill by the second state no tokens. */
export const openaiAudio = /* @__PURE__ */ shape({
  name: 'openai.audio',
  is: (payload) => {
    const { type, usage } = fields<Payload>(payload);
    if (startsWith(type, 'transcript.text.') || startsWith(type, 'speech.audio.')) return true;
    const { type: unit, prompt_tokens } = fields<'type' | 'prompt_tokens'>(usage);
    const isUsage = unit === 'tokens' || unit === 'duration' || prompt_tokens !== undefined;
    return isUsage && typeof fields<Payload>(payload).text === 'string';
  },
  usage: (payload) => {
    const { usage } = fields<Payload>(payload);
    const isChat = fields<'prompt_tokens'>(usage).prompt_tokens !== undefined;
    return isChat ? readChatUsage(usage) : readResponsesUsage(usage);
  },
  output: 'delta | audio',
  failed: isErrorEvent,
  finished: (payload) => {
    const { type } = fields<Payload>(payload);
    return type === 'transcript.text.done' || type === 'speech.audio.done';
  },
});
