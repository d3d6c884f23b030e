import { once } from 'node:events';
import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const HANG_UP_MS = 50;

/**
 * Stops accepting connections, lets running requests finish, and cuts those off that still run after `deadlineMs`.
 *
 * Returns whether it had to cut any off: their clients see a broken stream, their calls are counted as cancelled.
 */
export async function drain(server: Server, deadlineMs: number): Promise<{ forced: boolean }> {
  let forced = false;
  const closed = once(server, 'close');
  server.close();
  // A keep-alive connection turns idle when its last response is through, and would otherwise stay open for seconds.
  const sweep = setInterval(() => server.closeIdleConnections(), 20);
  const deadline = setTimeout(() => {
    forced = true;
    server.closeAllConnections();
  }, deadlineMs);
  try {
    await closed;
  } finally {
    clearInterval(sweep);
    clearTimeout(deadline);
  }
  // The news that a client is gone has yet to reach its model, whose call settles only then.
  if (forced) await sleep(HANG_UP_MS);
  return { forced };
}
