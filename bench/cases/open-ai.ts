import OpenAI from 'openai';
import { Stream } from 'openai/streaming';
import type { ChatChunk, ChatMethod } from './chat.js';

/** The client's own Stream class over chunks that are there already. */
export function openAiStream(source: AsyncIterable<ChatChunk>): AsyncIterable<ChatChunk> {
  return new Stream(() => source[Symbol.asyncIterator](), new AbortController());
}

/** A client whose server is a function: the bytes of each answer are ready before it is asked. */
export function chatClient(
  list: readonly ChatChunk[],
  Client: typeof OpenAI = OpenAI,
): { client: OpenAI; stream: ChatMethod<AsyncIterable<ChatChunk>> } {
  const encoder = new TextEncoder();
  const events = [...list.map((chunk) => JSON.stringify(chunk)), '[DONE]'].map((data) => `data: ${data}\n\n`);
  const reads: Uint8Array[] = [];
  // Several events a read, as a busy connection delivers them.
  while (events.length > 0) reads.push(encoder.encode(events.splice(0, 16).join('')));
  const client = new Client({
    apiKey: 'none',
    maxRetries: 0,
    fetch: async () => new Response(bytes(reads), { headers: { 'content-type': 'text/event-stream' } }),
  });
  return {
    client,
    stream: (request) =>
      client.chat.completions.create({
        model: request.model,
        messages: [{ role: 'user', content: 'Hello?' }],
        stream: true,
        stream_options: { include_usage: true },
      }) as unknown as Promise<AsyncIterable<ChatChunk>>,
  };
}

function bytes(reads: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  let next = 0;
  return new ReadableStream({
    pull(controller) {
      const read = reads[next++];
      if (read === undefined) controller.close();
      else controller.enqueue(read);
    },
  });
}
