import Groq from 'groq-sdk';
import LlamaStackClient from 'llama-stack-client';
import OpenAI from 'openai';
import OpenAI4 from 'openai-4';
import OpenAI5 from 'openai-5';
import Together from 'together-ai';
import { type ClientStream, key, request } from './client-stream.js';
import { openaiChat, openaiResponses } from './dialects.js';
import { otherMajor } from './other-majors.js';

/** The client of a major that asks for a newer Node than the library does; `undefined` where it is not there. */
export const OpenAI7: typeof OpenAI | undefined = (await otherMajor('openai-7'))?.default;

// biome-ignore lint/suspicious/noExplicitAny: clients whose types differ, called in the same way.
type Client = any;

function chatStream(Client: Client): ClientStream {
  return {
    dialect: openaiChat,
    open: (baseURL, signal) =>
      new Client({ ...key, baseURL }).chat.completions.create({ ...request, stream: true }, { signal }),
    breakCloses: true,
    isThere: Client !== undefined,
  };
}

/** Every way in which OpenAI's client streams, since it has them all. */
function everyStream(major: number, Client: Client): { [name: string]: ClientStream } {
  const emitter = { breakCloses: true, readsByItself: true, isLazy: true, isThere: Client !== undefined };
  return {
    [`openai ${major}: Stream`]: chatStream(Client),
    [`openai ${major}: Stream, by toReadableStream()`]: {
      ...chatStream(Client),
      items: (stream: { toReadableStream(): AsyncIterable<unknown> }) => stream.toReadableStream(),
      passesBytes: true,
    },
    [`openai ${major}: Stream of responses`]: {
      ...chatStream(Client),
      dialect: openaiResponses,
      open: (baseURL, signal) =>
        new Client({ ...key, baseURL }).responses.create({ model: 'm', input: 'hi', stream: true }, { signal }),
    },
    [`openai ${major}: ChatCompletionStream`]: {
      ...emitter,
      dialect: openaiChat,
      open: (baseURL, signal) => new Client({ ...key, baseURL }).chat.completions.stream(request, { signal }),
    },
    [`openai ${major}: ResponseStream`]: {
      ...emitter,
      dialect: openaiResponses,
      open: (baseURL, signal) =>
        new Client({ ...key, baseURL }).responses.stream({ model: 'm', input: 'hi' }, { signal }),
    },
  };
}

/** OpenAI's own client in four majors, and those made after its pattern. */
export const openaiClients: { readonly [name: string]: ClientStream } = {
  'openai 4: Stream': chatStream(OpenAI4),
  ...everyStream(5, OpenAI5),
  ...everyStream(6, OpenAI),
  ...everyStream(7, OpenAI7),
  'groq: Stream': chatStream(Groq),
  'together: Stream': chatStream(Together),
  'llama-stack: Stream': chatStream(LlamaStackClient),
};
