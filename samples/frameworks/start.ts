import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';

/** Whether this module was run, and not imported. */
export function isMain(moduleUrl: string): boolean {
  return process.argv[1] !== undefined && pathToFileURL(process.argv[1]).href === moduleUrl;
}

const CHAT = `/v1/chat/completions -H 'content-type: application/json' \\
  -d '{ "model": "walrus-1", "stream": true, "messages": [] }'`;

/** Listens on this machine alone, prints metrics, and says what to try. */
export async function run(server: Server, request = CHAT): Promise<void> {
  await import('./metrics.js');
  if (!server.listening)
    await new Promise<void>((resolve) => server.listen(Number(process.env['PORT'] ?? 8080), '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  console.log(`curl -N http://127.0.0.1:${port}${request}`);
}
