import cluster from 'node:cluster';
import { type Gateway, startGateway } from './gateway.js';
import { settingsFrom, workersFrom } from './settings.js';
import { stopOnSignal } from './stop-on-signal.js';
import { startFleet } from './workers/primary.js';

// Whoever read what we print may be gone; that is no reason to drop requests.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

await start().catch((error: NodeJS.ErrnoException) => {
  const busy = error.code === 'EADDRINUSE';
  console.error(
    busy ? `${error.message}\nAnother process listens there. Choose a port: PORT=8081 npm start` : error.message,
  );
  process.exit(1);
});

async function start(): Promise<void> {
  const workers = workersFrom(process.argv.slice(2));
  if (cluster.isWorker) await serve();
  else if (workers > 1) await supervise(workers);
  else announce((await serve()).url);
}

async function serve(): Promise<Gateway> {
  const gateway = await startGateway(settingsFrom(process.env));
  stopOnSignal(async () => {
    const { forced } = await gateway.close();
    return forced ? 'stopped; requests that still ran were cut off' : 'stopped';
  });
  return gateway;
}

async function supervise(workers: number): Promise<void> {
  settingsFrom(process.env);
  const fleet = startFleet(workers);
  stopOnSignal(async () => {
    await fleet.stop();
    return `${workers} workers stopped`;
  });
  announce(`http://127.0.0.1:${await fleet.listening}`);
}

/** Last: whoever reads this may send a signal at once. */
function announce(url: string): void {
  console.log(`track-inference sample gateway: ${url}`);
  console.log(`Send it some traffic with: npm run traffic -- --url ${url}`);
}
