import OpenAI from 'openai';
import { quit, readOptions } from './command-line.js';
import { startGateway } from './gateway/gateway.js';
import { stopOnSignal } from './gateway/stop-on-signal.js';
import { runLoad } from './gateway/traffic/load.js';

const USAGE = `Runs the sample gateway, sends it a mixed load, and shows both on a live page, until Ctrl-C.

  npm run demo -- [options]

  --port <n>           where the gateway listens, 0 for a free one   (default 8080)
  --concurrency <n>    how many clients at once                      (default 8)
`;
/** Nobody waits for the load's own answers. */
const DRAIN_MS = 1_000;

// Whoever read what we print may be gone; that is no reason to stop.
process.stdout.on('error', () => {});

const { port, concurrency } = readOptions(USAGE, { port: '8080', concurrency: '8' }, (values) => ({
  port: whole('--port', values.port, 0, 65_535),
  concurrency: whole('--concurrency', values.concurrency, 1, 1_000),
}));
const gateway = await startGateway({ port }).catch((error: NodeJS.ErrnoException) =>
  quit(error.code === 'EADDRINUSE' ? `${error.message}\nChoose another port: npm run demo -- --port 0` : error.message),
);

const leave = new AbortController();
stopOnSignal(async () => {
  leave.abort();
  await gateway.close(DRAIN_MS);
  return 'stopped';
});
console.log(`Live page: ${gateway.url}`);
console.log(`Metrics:   ${gateway.url}/metrics`);
console.log(`${concurrency} clients send streams, errors and early leavers; Ctrl-C ends everything.`);

await runLoad({
  client: new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'none', maxRetries: 0 }),
  concurrency,
  until: leave.signal,
  onStart: () => {},
  onEnd: () => {},
}).catch((error: Error) => {
  // A request that the end of the gateway cut off.
  if (!leave.signal.aborted) quit(`The gateway went away: ${error.message}`);
});

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most) {
    throw new Error(`${name} ${text} is not a whole number from ${least} to ${most}.`);
  }
  return value;
}
