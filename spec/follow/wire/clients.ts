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
import { Ollama } from 'ollama';
import Replicate from 'replicate';
import { type ClientStream, key, request } from './client-stream.js';
import { anthropic, cohere, gemini, mistralChat, ollama, openaiChat, replicate } from './dialects.js';
import { converse, invokeModel } from './event-stream.js';
import { openaiClients } from './openai-clients.js';

// Google's client looks for Node's dispatcher on the global object, which in a Jest test is not Node's own.
const DISPATCHER = Symbol.for('undici.globalDispatcher.1');
const nodeGlobal = runInThisContext('globalThis') as { [DISPATCHER]: unknown; fetch: unknown };
void nodeGlobal.fetch;
Object.assign(globalThis, { [DISPATCHER]: nodeGlobal[DISPATCHER] });

const anthropicRequest = { ...request, max_tokens: 9 };
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
  ...openaiClients,
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
      new Mistral({ apiKey: 'k', serverURL: url, retryConfig: { strategy: 'none' } }).chat.stream(request, {
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
      return client.chat({ ...request, stream: true });
    },
    breakCloses: false,
  },
  'hugging face: async generator': {
    dialect: openaiChat,
    open: (url, signal) =>
      new InferenceClient('hf_k').chatCompletionStream({ ...request, endpointUrl: url }, {
        signal,
        retry_on_error: false,
      } as never),
    breakCloses: false,
    isLazy: true,
  },
  'replicate: async generator': {
    dialect: replicate,
    open: (url, signal) =>
      new Replicate({ auth: 'k', baseUrl: url }).stream('owner/model', { input: { prompt: 'hi' }, signal }),
    breakCloses: false,
    isLazy: true,
    statesNoTokens: true,
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
    passesBytes: true,
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
  'Node IncomingMessage': {
    dialect: openaiChat,
    open: nodeRequest,
    breakCloses: true,
    isHeldBySocket: true,
    passesBytes: true,
    statesNoTokens: true,
  },
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
