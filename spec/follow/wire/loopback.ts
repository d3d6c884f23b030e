import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the server says to the next request: bytes, and then an end, a cut connection, or nothing more. */
export interface Answer {
  readonly status?: number;
  readonly type: string;
  readonly parts: readonly (string | Uint8Array)[];
  readonly ending: 'end' | 'cut' | 'hang';
}

/** A server on this machine that answers every request, whatever it asks, with the answer it was given. */
export class Loopback {
  answer: Answer = { type: 'application/json', parts: ['{}'], ending: 'end' };
  readonly #left = new WeakMap<Answer, number>();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request, response: ServerResponse) => {
      const { answer } = this;
      response.on('close', () => {
        if (!response.writableFinished) this.#left.set(answer, this.left + 1);
      });
      const creates = request.url?.endsWith('/predictions') === true;
      request.resume().on('end', () => this.#reply(response, creates ? this.#created(answer) : answer));
    });
  }

  static async start(): Promise<Loopback> {
    const server = createServer();
    // An idle connection that closes as a client takes it up again would fail that request.
    server.keepAliveTimeout = 0;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Loopback(server);
  }

  /** How many clients went away before this answer was complete. */
  get left(): number {
    return this.#left.get(this.answer) ?? 0;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Replicate's way to stream: first a prediction is created, which tells the address of its stream. */
  #created(answer: Answer): Answer {
    if (!answer.type.startsWith('text/event-stream')) return answer;
    const prediction = { id: 'p1', status: 'starting', urls: { stream: `${this.url}/stream` } };
    return { type: 'application/json', parts: [JSON.stringify(prediction)], ending: 'end' };
  }

  async #reply(response: ServerResponse, { status = 200, type, parts, ending }: Answer): Promise<void> {
    response.writeHead(status, { 'content-type': type, 'x-request-id': 'r1' });
    response.flushHeaders();
    for (const part of parts) {
      if (response.destroyed) return;
      await new Promise((resolve) => response.write(part, resolve));
    }
    if (ending === 'end') response.end();
    // Later than the bytes before it, which must not be lost with the connection.
    else if (ending === 'cut') setTimeout(() => response.destroy(), 20);
  }
}
