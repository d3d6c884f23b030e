/** Chunks and responses in the shape of OpenAI's chat completions, made for these specs. */
export const role = {
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta: { role: 'assistant', content: '' } }],
};
export const finish = { object: 'chat.completion.chunk', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };

export function text(content: string): object {
  return { object: 'chat.completion.chunk', model: 'served-model', choices: [{ index: 0, delta: { content } }] };
}

export function usage(input: number, output: number): object {
  return {
    object: 'chat.completion.chunk',
    choices: [],
    usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
  };
}

export function completion(input: number, output: number): object {
  return {
    object: 'chat.completion',
    model: 'served-model',
    choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
  };
}
