import { Agent, request } from 'node:http';

/** What the client is told to do. */
export interface Errand {
  readonly port: number;
  readonly path: string;
  readonly body: string;
  readonly times: number;
}

const CONNECTIONS = 8;
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

/** The client of a measured server, in a process of its own, so that none of its work counts as the server's. */
process.on('message', async (errand: Errand) => {
  let left = errand.times;
  const ask = async (): Promise<void> => {
    while (left-- > 0) await post(errand);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, ask));
  process.send?.('done');
});

function post({ port, path, body }: Errand): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const asked = request({ agent, host: '127.0.0.1', port, path, method: 'POST', headers }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`HTTP ${response.statusCode}`));
      response.resume().on('end', resolve).on('error', reject);
    });
    asked.on('error', reject).end(body);
  });
}
