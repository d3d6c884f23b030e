import type { Server } from 'node:http';
import { Duplex } from 'node:stream';
import type { Operation } from '../measure.js';

/**
 * A client's end of a connection. Not a socket: what the system takes for a write depends on whether a client on the same
 * machine happens to be awake, by more than what is measured here.
 */
class Connection extends Duplex {
  #answered: (() => void) | undefined;

  ask(request: Buffer): Promise<void> {
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.push(request);
    });
  }

  override _read(): void {}

  override _write(bytes: Buffer, _: string, done: () => void): void {
    this.#look(bytes);
    done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    for (const { chunk } of chunks) this.#look(chunk);
    done();
  }

  /** A body of JSON ends in a brace, one in chunks with an empty chunk; a head ends in neither. */
  #look(bytes: Buffer): void {
    const end = bytes.toString('latin1', Math.max(0, bytes.length - 5));
    if (end.endsWith('}') || end === '0\r\n\r\n') this.#answered?.();
  }
}

/** Requests to a server, one after the other over one connection. */
export function requestsTo(server: Server, path: string, body: string): Operation {
  const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  const request = Buffer.from(head + body);
  const connection = new Connection();
  server.emit('connection', connection);
  return async (times) => {
    for (let i = 0; i < times; i++) await connection.ask(request);
  };
}
