import { get, type IncomingMessage } from 'node:http';

import { Readable } from 'node:stream';
import { runInThisContext } from 'node:vm';
import Anthropic from '@anthropic-ai/sdk';
import {
  BedrockRuntimeClient,
  ConverseStreamCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { GoogleGenAI } from '@google/genai';
import { InferenceClient } from '@huggingface/inference';
import { IterableReadableStream } from '@langchain/core/utils/stream';
import { Mistral } from '@mistralai/mistralai';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { CohereClientV2 } from 'cohere-ai';
import Groq from 'groq-sdk';
import LlamaStackClient from 'llama-stack-client';
import { Ollama } from 'ollama';
import OpenAI from 'openai';
import OpenAI4 from 'openai-4';
import OpenAI5 from 'openai-5';
import Together from 'together-ai';
import {
  anthropic,
  cohere,
  type Dialect,
  gemini,
  mistralChat,
  ollama,
  openaiChat,
  openaiResponses,
} from './dialects.js';
import { converse, invokeModel } from './event-stream.js';

// Google's client looks for Node's dispatcher on the global object, which in a Jest test is not Node's own.
const DISPATCHER = Symbol.for('undici.globalDispatcher.1');
const nodeGlobal = runInThisContext('globalThis') as { [DISPATCHER]: unknown; fetch: unknown };
void nodeGlobal.fetch;
Object.assign(globalThis, { [DISPATCHER]: nodeGlobal[DISPATCHER] });

/** A way in which a router gets a stream from a client that is used for real, and how its consumer reads that. */
export interface ClientStream {
  readonly dialect: Dialect;
  open(url: string, signal: AbortSignal): unknown;
  /** What is iterated, where that is not what `open` gave. */
  items?(opened: never): AsyncIterable<unknown>;
  /** Whether the client closes the connection when its consumer breaks. */
  readonly breakCloses: boolean;
  /** Whether the client reads the stream by itself, consumer or not. */
  readonly readsByItself?: boolean;
  /** Whether nothing is sent before the consumer asks for the first item. */
  readonly isLazy?: boolean;
  /** Whether the connection keeps an unread stream. */
  readonly isHeldBySocket?: boolean;
}

const request1 = { model: 'm', messages: [{ role: 'user' as const, content: 'hi' }] };
const streamed = { ...request1, stream: true as const };
const key = { apiKey: 'k', maxRetries: 0 };

function stainless(
  make: (baseURL: string) => { chat: { completions: { create(body: never, options: object): unknown } } },
) {
  return {
    dialect: openaiChat,
    open: (url: string, signal: AbortSignal) => make(url).chat.completions.create(streamed as never, { signal }),
    breakCloses: true,
  };
}

const anthropicRequest = { ...request1, max_tokens: 9 };
const aws = (url: string) =>
  new BedrockRuntimeClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler(),
  });

function nodeRequest(url: string, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { signal }, (response) => {
      // As any HTTP client does.
      if ((response.statusCode as number) >= 400) reject(new Error(`HTTP ${response.statusCode}`));
      else resolve(response);
    }).on('error', reject);
  });
}

async function fetched(url: string, signal: AbortSignal): Promise<Response> {
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response;
}

export const clientStreams: { readonly [name: string]: ClientStream } = {
  'openai 4: Stream': stainless((baseURL) => new OpenAI4({ ...key, baseURL }) as never),
  'openai 5: Stream': stainless((baseURL) => new OpenAI5({ ...key, baseURL }) as never),
  'openai 6: Stream': stainless((baseURL) => new OpenAI({ ...key, baseURL }) as never),
  'openai 6: Stream, by toReadableStream()': {
    ...stainless((baseURL) => new OpenAI({ ...key, baseURL }) as never),
    items: (stream: { toReadableStream(): AsyncIterable<unknown> }) => stream.toReadableStream(),
  },
  'openai 6: Stream of responses': {
    dialect: openaiResponses,
    open: (url, signal) =>
      new OpenAI({ ...key, baseURL: url }).responses.create({ model: 'm', input: 'hi', stream: true }, { signal }),
    breakCloses: true,
  },
  'openai 6: ChatCompletionStream': {
    dialect: openaiChat,
    open: (url, signal) => new OpenAI({ ...key, baseURL: url }).chat.completions.stream(request1, { signal }),
    breakCloses: true,
    readsByItself: true,
    isLazy: true,
  },
  'openai 6: ResponseStream': {
    dialect: openaiResponses,
    open: (url, signal) =>
      new OpenAI({ ...key, baseURL: url }).responses.stream({ model: 'm', input: 'hi' }, { signal }),
    breakCloses: true,
    readsByItself: true,
    isLazy: true,
  },
  'anthropic: Stream': {
    dialect: anthropic,
    open: (url, signal) =>
      new Anthropic({ ...key, baseURL: url }).messages.create({ ...anthropicRequest, stream: true }, { signal }),
    breakCloses: true,
  },
  'anthropic: MessageStream': {
    dialect: anthropic,
    open: (url, signal) => new Anthropic({ ...key, baseURL: url }).messages.stream(anthropicRequest, { signal }),
    breakCloses: true,
    readsByItself: true,
    isLazy: true,
  },
  'groq: Stream': stainless((baseURL) => new Groq({ ...key, baseURL }) as never),
  'together: Stream': stainless((baseURL) => new Together({ ...key, baseURL }) as never),
  'llama-stack: Stream': stainless((baseURL) => new LlamaStackClient({ ...key, baseURL }) as never),
  'cohere: Stream': {
    dialect: cohere,
    open: (url, signal) =>
      new CohereClientV2({ token: 'k', environment: url }).chatStream(
        { model: 'm', messages: [{ role: 'user', content: 'hi' }] },
        { abortSignal: signal, maxRetries: 0 },
      ),
    breakCloses: true,
  },
  'mistral: EventStream': {
    dialect: mistralChat,
    open: (url, signal) =>
      new Mistral({ apiKey: 'k', serverURL: url, retryConfig: { strategy: 'none' } }).chat.stream(request1, {
        fetchOptions: { signal },
      }),
    breakCloses: true,
  },
  'google genai: async generator': {
    dialect: gemini,
    open: (url, signal) =>
      new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: url } }).models.generateContentStream({
        model: 'm',
        contents: 'hi',
        config: { abortSignal: signal },
      }),
    breakCloses: false,
  },
  'ollama: AbortableAsyncIterator': {
    dialect: ollama,
    open: (url, signal) => {
      const client = new Ollama({ host: url });
      signal.addEventListener('abort', () => client.abort());
      return client.chat(streamed);
    },
    breakCloses: false,
  },
  'hugging face: async generator': {
    dialect: openaiChat,
    open: (url, signal) =>
      new InferenceClient('hf_k').chatCompletionStream({ ...request1, endpointUrl: url }, {
        signal,
        retry_on_error: false,
      } as never),
    breakCloses: false,
    isLazy: true,
  },
  'bedrock: ConverseStream': {
    dialect: converse,
    open: (url, signal) =>
      aws(url).send(
        new ConverseStreamCommand({ modelId: 'm', messages: [{ role: 'user', content: [{ text: 'hi' }] }] }),
        { abortSignal: signal },
      ),
    items: ({ stream }: { stream: AsyncIterable<unknown> }) => stream,
    breakCloses: false,
  },
  'bedrock: InvokeModelWithResponseStream': {
    dialect: invokeModel,
    open: (url, signal) =>
      aws(url).send(new InvokeModelWithResponseStreamCommand({ modelId: 'm', body: '{}' }), { abortSignal: signal }),
    items: ({ body }: { body: AsyncIterable<unknown> }) => body,
    breakCloses: false,
  },
  'langchain: IterableReadableStream': {
    dialect: openaiChat,
    open: async (url, signal) => IterableReadableStream.fromAsyncGenerator(chunks(await fetched(url, signal))),
    breakCloses: true,
  },
  'fetch: Response': {
    dialect: openaiChat,
    open: fetched,
    items: ({ body }: { body: AsyncIterable<unknown> }) => body,
    breakCloses: true,
  },
  'web ReadableStream': {
    dialect: openaiChat,
    open: async (url, signal) => {
      const items = chunks(await fetched(url, signal));
      return new ReadableStream({
        async pull(controller) {
          const { done, value } = await items.next();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: async () => void (await items.return(undefined)),
      });
    },
    breakCloses: true,
  },
  'Node Readable': {
    dialect: openaiChat,
    open: async (url, signal) => Readable.from(chunks(await fetched(url, signal))),
    breakCloses: true,
  },
  'Node IncomingMessage': { dialect: openaiChat, open: nodeRequest, breakCloses: true, isHeldBySocket: true },
  'async generator': {
    dialect: openaiChat,
    open: async (url, signal) => chunks(await fetched(url, signal)),
    breakCloses: true,
  },
};

/** Server-Sent Events as a person would read them by hand. */
export async function* chunks(response: Response): AsyncGenerator<unknown, void, undefined> {
  let rest = '';
  const body = response.body as ReadableStream<Uint8Array>;
  for await (const text of body.pipeThrough(new TextDecoderStream() as never) as unknown as AsyncIterable<string>) {
    const events = (rest + text).split('\n\n');
    rest = events.pop() as string;
    for (const event of events) {
      const data = event.slice('data: '.length);
      if (data === '[DONE]') return;
      const chunk = JSON.parse(data);
      if (chunk.error) throw new Error(chunk.error.message);
      yield chunk;
    }
  }
}
