import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server on this machine, and its address. */
export interface Served {
  readonly url: string;
  close(): Promise<void>;
}

export async function serve(listener: RequestListener): Promise<Served> {
  return listening(createServer(listener));
}

export async function listening(server: Server): Promise<Served> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A POST with a JSON body. */
export function post(url: string, body: unknown, init: RequestInit = {}): Promise<Response> {
  const headers = { 'content-type': 'application/json', ...(init.headers as Record<string, string>) };
  return fetch(url, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), ...init, headers });
}

/** Items as Server-Sent Events, with OpenAI's last one. */
export function events(...items: readonly object[]): string {
  return `${opening(...items)}data: [DONE]\n\n`;
}

/** The events of a stream that goes on. */
export function opening(...items: readonly object[]): string {
  return items.map((item) => `data: ${JSON.stringify(item)}\n\n`).join('');
}

/** Reads so many events of a stream, and hangs up. */
export async function hangUpAfter(count: number, response: Response, controller: AbortController): Promise<void> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  while (text.split('\n\n').length <= count) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`the stream ended early: ${text}`);
    text += Buffer.from(value).toString();
  }
  controller.abort();
}
