import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const MODES = ['accepts', 'resets', 'is overloaded', 'hangs', 'answers junk', 'is down'] as const;

/** A back end for OTLP that is in another kind of trouble each time it is asked to change. */
export class FaultyBackend {
  accepted = 0;
  refused = 0;
  #mode = 0;
  readonly #port: number;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
    server.on('request', (request, response) => {
      const mode = MODES[this.#mode % MODES.length];
      if (mode === 'accepts') this.accepted++;
      else this.refused++;
      if (mode === 'resets') {
        request.socket.resetAndDestroy();
        return;
      }
      request.resume().on('end', () => {
        if (mode === 'accepts') response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
        else if (mode === 'is overloaded') response.writeHead(503).end();
        else if (mode === 'answers junk') response.writeHead(400, { 'content-type': 'text/html' }).end('<h1>?</h1>');
      });
    });
  }

  static async start(): Promise<FaultyBackend> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FaultyBackend(server);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/v1/metrics`;
  }

  /** On to the next kind of trouble, or to a good time. */
  async change(): Promise<void> {
    this.#mode++;
    this.#server.closeAllConnections();
    if (MODES[this.#mode % MODES.length] === 'is down') await this.stop();
    else await this.#open();
  }

  async recover(): Promise<void> {
    this.#mode = 0;
    await this.#open();
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #open(): Promise<void> {
    if (this.#server.listening) return;
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
  }
}
