import { setTimeout as sleep } from 'node:timers/promises';

/** Polls until `read` gives something truthy, and returns it; throws after the deadline what was waited for. */
export async function until<T>(
  what: string,
  read: () => T | Promise<T>,
  deadlineMs = 30_000,
  intervalMs = 5,
): Promise<Exclude<T, false | undefined>> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const value = await read();
    if (value) return value as Exclude<T, false | undefined>;
    if (performance.now() > deadline) throw new Error(`Still waiting after ${deadlineMs} ms: ${what}`);
    await sleep(intervalMs);
  }
}
