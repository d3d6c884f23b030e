import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a back end does with an export. */
export type Behaviour = 'accepts' | 'is overloaded' | 'hangs' | 'resets' | 'answers junk';

/** A back end for OTLP that a spec controls. */
export class OtlpReceiver {
  behaviour: Behaviour = 'accepts';
  readonly requests: { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: Buffer }[] = [];
  /** Exports that were answered with 200. */
  accepted = 0;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer(async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      this.requests.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(parts) });
      if (this.behaviour === 'hangs') return;
      if (this.behaviour === 'resets') request.socket.resetAndDestroy();
      else if (this.behaviour === 'is overloaded') response.writeHead(503).end();
      else if (this.behaviour === 'answers junk')
        response.writeHead(400, { 'content-type': 'text/html' }).end('<h1>?</h1>');
      else {
        this.accepted++;
        response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
      }
    });
  }

  static async start(): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver();
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `${this.origin}/v1/metrics`;
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}
