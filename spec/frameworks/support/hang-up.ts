import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { hangUpAfter, listening, post, type Served } from '../../middleware/support/served.js';
import { until } from '../../support/until.js';

/** A framework's server under a client that hangs up. */
export class HangUps {
  #closed = 0;
  readonly #served: Served;

  private constructor(served: Served, server: Server) {
    this.#served = served;
    server.on('connection', (socket: Socket) => {
      socket.on('close', () => this.#closed++);
    });
  }

  static async over(server: Server): Promise<HangUps> {
    return new HangUps(server.listening ? served(server) : await listening(server), server);
  }

  /** Asks for a stream, reads two of its events, hangs up, and waits until the server's connection is closed. */
  async hangUp(path = '/v1/chat/completions', method = 'POST'): Promise<void> {
    const controller = new AbortController();
    const closedBefore = this.#closed;
    const url = `${this.#served.url}${path}`;
    const init = { method, signal: controller.signal };
    const response = await (method === 'GET'
      ? fetch(url, { ...init, headers: { accept: 'text/event-stream' } })
      : post(url, { model: 'm', stream: true }, init));
    if (response.status >= 300) throw new Error(`${response.status}: ${await response.text()}`);
    await hangUpAfter(2, response, controller);
    await until('the connection is closed', () => this.#closed > closedBefore);
  }

  close(): Promise<void> {
    return this.#served.close();
  }
}

function served(server: Server): Served {
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
