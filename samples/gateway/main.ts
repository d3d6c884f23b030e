import { type Gateway, startGateway } from './gateway.js';
import { settingsFrom } from './settings.js';

const parent = process.ppid;
const gateway = await start().catch((error: NodeJS.ErrnoException) => {
  const busy = error.code === 'EADDRINUSE';
  console.error(
    busy ? `${error.message}\nAnother process listens there. Choose a port: PORT=8081 npm start` : error.message,
  );
  process.exit(1);
});

async function start(): Promise<Gateway> {
  return startGateway(settingsFrom(process.env));
}

// Whoever read what we print may be gone; that is no reason to drop requests.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

let stopping = false;
async function stop(reason: string): Promise<void> {
  if (stopping) return;
  stopping = true;
  console.log(`${reason}: finishing the running requests`);
  // Whatever hangs, a supervisor's patience ends at ten seconds.
  setTimeout(() => process.exit(0), 9_500).unref();
  const { forced } = await gateway.close();
  console.log(forced ? 'stopped; requests that still ran were cut off' : 'stopped');
  process.exit(0);
}
process.on('SIGTERM', stop);
process.on('SIGINT', stop);

// `npm start` puts a shell in between that dies of a signal without passing it on. Then we are an orphan, and go too.
if (process.env['npm_lifecycle_event']) {
  setInterval(() => {
    if (process.ppid !== parent) void stop('npm is gone');
  }, 250).unref();
}

// Last: whoever reads this may send a signal at once.
console.log(`track-inference sample gateway: ${gateway.url}`);
console.log(`Send it some traffic with: npm run traffic -- --url ${gateway.url}`);
