import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { chunks, completion, UNTIL } from './traffic/answers.js';

/** What the server is to do with a request, as its header `x-plan` says: answer, if there is none. */
export type ServerPlan = 'cuts' | 'hangs' | 'refuses' | 'is busy once' | 'says nothing';

/** A server of chat completions on this machine that fails as it is told. */
export class ModelServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<ModelServer> {
    const server = createServer((request, response) => void reply(request, response));
    // An idle connection that closes as a client takes it up again would fail that request.
    server.keepAliveTimeout = 0;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ModelServer(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

async function reply(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { model, stream } = JSON.parse(await text(request)) as { model: string; stream?: boolean };
  const plan = request.headers['x-plan'] as ServerPlan | undefined;
  if (plan === 'says nothing') return;
  const isBusy = plan === 'is busy once' && request.headers['x-stainless-retry-count'] === '0';
  if (isBusy || plan === 'refuses') {
    response.writeHead(isBusy ? 429 : 500, { 'content-type': 'application/json', 'retry-after-ms': '1' });
    response.end('{"error":{"message":"not now"}}');
  } else if (!stream) {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion(model)));
  } else {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const events = [...chunks(model).map((chunk) => JSON.stringify(chunk)), '[DONE]'].map(
      (data) => `data: ${data}\n\n`,
    );
    if (plan === undefined || plan === 'is busy once') response.end(events.join(''));
    else {
      response.write(events.slice(0, UNTIL.output).join(''));
      // Later than the bytes before it, which must not be lost with the connection.
      if (plan === 'cuts') setTimeout(() => response.destroy(), 20);
    }
  }
}
