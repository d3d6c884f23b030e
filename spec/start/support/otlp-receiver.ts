import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a back end does with an export. */
export type Behaviour = 'accepts' | 'is overloaded' | 'hangs' | 'is slow' | 'resets' | 'answers junk';

/** A back end for OTLP that a spec controls. */
export class OtlpReceiver {
  behaviour: Behaviour = 'accepts';
  readonly requests: { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: Buffer }[] = [];
  /** Exports that were answered with 200. */
  accepted = 0;
  readonly #server: Server;

  /** `forward`: where accepted exports go on to. */
  private constructor(forward?: string) {
    this.#server = createServer(async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      const body = Buffer.concat(parts);
      if (forward === undefined) this.requests.push({ path: request.url ?? '', headers: request.headers, body });
      if (this.behaviour === 'hangs') return;
      if (this.behaviour === 'is slow') setTimeout(() => response.writeHead(200).end(), 5_000);
      else if (this.behaviour === 'resets') request.socket.resetAndDestroy();
      else if (this.behaviour === 'is overloaded') response.writeHead(503).end();
      else if (this.behaviour === 'answers junk') {
        response.writeHead(400, { 'content-type': 'text/html' }).end('<h1>?</h1>');
      } else {
        this.accepted++;
        const headers = { 'content-type': 'application/x-protobuf' };
        if (forward !== undefined) await fetch(forward, { method: 'POST', headers, body });
        response.writeHead(200, headers).end();
      }
    });
  }

  static async start(forward?: string): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver(forward);
    await receiver.listen(0);
    return receiver;
  }

  /** Opens the port, for the first time or again after a stop. */
  async listen(port: number): Promise<void> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `${this.origin}/v1/metrics`;
  }

  /** Closes the port; does nothing where it is closed already. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}
