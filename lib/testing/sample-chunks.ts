const usage = { prompt_tokens: 10, completion_tokens: 4, total_tokens: 14 };

function chunk(fields: object): object {
  return { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'sample', ...fields };
}

/** A chat completion as OpenAI streams it: a role, three pieces of text, the finish, the usage. */
export const SAMPLE_CHUNKS: readonly object[] = [
  chunk({ choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] }),
  ...['Good ', 'morning', '!'].map((content) =>
    chunk({ choices: [{ index: 0, delta: { content }, finish_reason: null }] }),
  ),
  chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
  chunk({ choices: [], usage }),
];

/** The same as one response. */
export const SAMPLE_RESPONSE: object = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'sample',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Good morning!' }, finish_reason: 'stop' }],
  usage,
};
