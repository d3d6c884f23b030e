import { setTimeout as sleep } from 'node:timers/promises';
import { currentInference, TrackInference } from 'track-inference';

export interface ChatParams {
  readonly model: string;
  readonly stream?: boolean;
}

const WORDS = 'The time has come, the Walrus said, to talk of many things'.split(/(?= )/);

/** The same router in every sample: one annotation, whatever the framework around it. */
export class ChatRouter {
  /** @param signal aborted when the client leaves: a model must not go on for nobody */
  @TrackInference({ endpointType: 'chat_completion' })
  async chat(params: ChatParams, signal?: AbortSignal) {
    currentInference()?.setProvider('local');
    return params.stream === true ? chunks(params.model, signal) : answer(params.model);
  }
}

// Stand-ins for a model. Responses look like OpenAI's, so their token counts are found without being pointed at.
async function answer(model: string) {
  const message = { role: 'assistant', content: WORDS.join('') };
  return { object: 'chat.completion', model, choices: [{ index: 0, message, finish_reason: 'stop' }], usage };
}

const usage = { prompt_tokens: 9, completion_tokens: WORDS.length, total_tokens: 9 + WORDS.length };

async function* chunks(model: string, signal?: AbortSignal) {
  const head = { object: 'chat.completion.chunk', model };
  for (const content of WORDS) {
    yield { ...head, choices: [{ index: 0, delta: { content }, finish_reason: null }] };
    await sleep(10, undefined, signal && { signal });
  }
  yield { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };
  yield { ...head, choices: [], usage };
}
