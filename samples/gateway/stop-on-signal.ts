/** A supervisor's patience ends at ten seconds. */
const PATIENCE_MS = 9_500;

/** Runs `stop` once, on SIGTERM, SIGINT or when npm is gone, prints what it returns, and exits with 0. */
export function stopOnSignal(stop: () => Promise<string>): void {
  const parent = process.ppid;
  let stopping = false;

  async function stopFor(reason: string): Promise<void> {
    if (stopping) return;
    stopping = true;
    console.log(`${reason}: finishing the running requests`);
    // Whatever hangs.
    setTimeout(() => process.exit(0), PATIENCE_MS).unref();
    console.log(await stop());
    process.exit(0);
  }
  process.on('SIGTERM', stopFor);
  process.on('SIGINT', stopFor);

  // `npm start` puts a shell in between that dies of a signal without passing it on. Then we are an orphan, and go too.
  if (process.env['npm_lifecycle_event']) {
    setInterval(() => {
      if (process.ppid !== parent) void stopFor('npm is gone');
    }, 250).unref();
  }
}
