import OpenAI from 'openai';
import { quit, readOptions } from '../command-line.js';
import { readGatewayCounts, untilIdle } from './traffic/gateway-counts.js';
import { runLoad } from './traffic/load.js';
import type { Observation } from './traffic/observation.js';
import { Progress } from './traffic/progress.js';
import { report } from './traffic/report.js';

const USAGE = `Sends the sample gateway a mixed load: streams, errors, clients that leave early.

  npm run traffic -- [options]

  --url <url>          where the gateway listens   (default http://127.0.0.1:8080)
  --duration <s>       for how long to send        (default 30)
  --concurrency <n>    how many clients at once    (default 8)
`;
/** The longest answer takes about five seconds; a client that still waits after this is cut off. */
const GRACE_MS = 15_000;

const { url, durationMs, concurrency } = readOptions(
  USAGE,
  { url: 'http://127.0.0.1:8080', duration: '30', concurrency: '8' },
  (values) => ({
    url: new URL(values.url).origin,
    durationMs: positive('--duration', values.duration) * 1_000,
    concurrency: Math.ceil(positive('--concurrency', values.concurrency)),
  }),
);
const before = await readGatewayCounts(url).catch((error: Error) =>
  quit(`No gateway answers at ${url} (${error.message}). Start one with: npm start`),
);

const leave = new AbortController();
const timer = setTimeout(() => leave.abort(), durationMs);
process.once('SIGINT', () => leave.abort());
leave.signal.addEventListener('abort', () => {
  clearTimeout(timer);
  setTimeout(() => quit('Requests were still running long after the end; is the gateway stuck?'), GRACE_MS).unref();
});

console.log(`${concurrency} clients send requests to ${url} for ${durationMs / 1_000} s`);
const observations: Observation[] = [];
const progress = new Progress(durationMs);
try {
  await runLoad({
    // A retried request would be one to the client and several to the gateway.
    client: new OpenAI({ baseURL: new URL('/v1', url).href, apiKey: 'none', maxRetries: 0 }),
    concurrency,
    until: leave.signal,
    onStart: () => progress.started(),
    onEnd: (observation) => {
      observations.push(observation);
      progress.ended(observation);
    },
  });
  progress.stop();
  await untilIdle(url, 5_000);
  console.log(`\n${report(observations, before, await readGatewayCounts(url))}`);
  console.log(`\nThe rest of the story: ${new URL('/metrics', url)}`);
  process.exit(0);
} catch (error) {
  progress.stop();
  quit(`The gateway went away: ${(error as Error).message}`);
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new Error(`${name} ${text} is not a positive number.`);
  return value;
}
