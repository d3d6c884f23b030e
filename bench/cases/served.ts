import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Operation } from '../measure.js';
import type { Errand } from './http-client.js';

/** Requests to a server in this process, by a client that is in another one. */
export async function requestsTo(server: Server, path: string, body: string): Promise<Operation> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = fork(fileURLToPath(new URL('./http-client.js', import.meta.url)), { execArgv: [] });
  return async (times) => {
    client.send({ port, path, body, times } satisfies Errand);
    await Promise.race([
      once(client, 'message'),
      once(client, 'exit').then(([code]) => Promise.reject(new Error(`the client ended with ${code}`))),
    ]);
  };
}
