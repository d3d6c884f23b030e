// Mixed traffic with faults for some minutes, against what the library promises: exact counts, nothing left in flight,
// memory that does not grow. Needs --expose-gc; `npm run soak -- --minutes 10`.
import { parseArgs } from 'node:util';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import { FaultyBackend } from './faulty-backend.js';
import { differences, Ledger } from './ledger.js';
import { bytesPerRequest, heldBytes, type Sample } from './memory.js';
import { ModelServer } from './model-server.js';
import { Random } from './random.js';
import { SINKS, type Sink, Telemetry } from './telemetry.js';
import { client } from './traffic/client.js';
import type { Kind, Kinds } from './traffic/kind.js';
import { nested } from './traffic/nested.js';
import { streams } from './traffic/streams.js';
import { values } from './traffic/values.js';

const { values: flags } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    callers: { type: 'string', default: '32' },
  },
});
const minutes = Number(flags.minutes);
const callers = Number(flags.callers);
const random = new Random(Number(flags.seed));

/** No object is smaller, so one that each request left behind would show. */
const BYTES_PER_REQUEST = 16;
/** In less time the heap's own ups and downs are more than that. */
const MINUTES_TO_JUDGE_MEMORY = 5;
/** One in so many requests asks for a model that nobody has asked for before. */
const FLOOD = 10;
/** One in so many goes through a real client to a real server: it costs as much as fifty others. */
const CLIENT = 50;
/** Between two looks at everything. */
const ROUND_MS = Math.min(10_000, minutes * 6_000);

const rejections: unknown[] = [];
process.on('unhandledRejection', (reason) => rejections.push(reason));
const warnings: string[] = [];
diag.setLogger(
  {
    error() {}, // The exporter's, about a back end that is in trouble on purpose.
    warn: (line) => void (line.startsWith('track-inference') && warnings.push(line)),
    info() {},
    debug() {},
    verbose() {},
  },
  { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
);

const models = await ModelServer.start();
const backend = await FaultyBackend.start();
const telemetry = new Telemetry(backend.url);
const ledgers = { default: new Ledger(), producer: new Ledger() };
const kinds = { default: kindsOf('default'), producer: kindsOf('producer') };
const samples: Sample[] = [];
const problems: string[] = [];
const started = performance.now();
let unique = 0;

await round(ROUND_MS / 2); // What is made once is made now.
for (const end = started + minutes * 60_000; performance.now() < end && problems.length === 0; ) {
  await round(Math.min(ROUND_MS, end - performance.now()));
}
await backend.recover();
const acceptedBefore = backend.accepted;
await telemetry.shutdown();
if (backend.accepted < acceptedBefore + SINKS.length) problems.push('the last exports did not arrive');
await Promise.all([backend.stop(), models.stop()]);
report();

/** Traffic for a while, and then a look at what all of it left behind. */
async function round(milliseconds: number): Promise<void> {
  const until = performance.now() + milliseconds;
  const replacing = setTimeout(() => telemetry.replaceProvider(), milliseconds / 2);
  await backend.change();
  await Promise.all(Array.from({ length: callers }, () => call(until)));
  clearTimeout(replacing);
  for (const sink of SINKS) {
    await drained(sink);
    problems.push(...differences(ledgers[sink].counts, await telemetry.counts(sink)).map((line) => `${sink}: ${line}`));
    problems.push(...(await telemetry.floods(sink)).map((label) => `${sink}: ${label} is past its limit`));
  }
  const requests = requestsSoFar();
  if (telemetry.settled !== requests) problems.push(`onSettled heard of ${telemetry.settled} of ${requests} requests`);
  problems.push(...telemetry.oddRecords.map((record) => `a record that cannot be: ${record}`));
  problems.push(...warnings.map((line) => `a warning: ${line}`));
  problems.push(...rejections.map((reason) => `an unhandled rejection: ${reason}`));
  samples.push({ requests, bytes: await heldBytes() });
}

async function call(until: number): Promise<void> {
  while (performance.now() < until) {
    const sink = random.of(SINKS);
    const [name, kind] = random.of(random.below(CLIENT) === 0 ? kinds[sink].client : kinds[sink].local);
    unique++;
    const model = random.below(FLOOD) === 0 ? `model-${unique}` : random.of(['small', 'small', 'large']);
    try {
      const truths = await kind({ model, unique: `tenant-${unique}` });
      for (const truth of [truths].flat()) ledgers[sink].enter(truth);
    } catch (error) {
      problems.push(`${name}: ${error}`);
      return;
    }
  }
}

/** Waits until nothing is in flight; what was forgotten has to be collected first. */
async function drained(sink: Sink): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    await heldBytes();
    const { requests } = await telemetry.inFlight(sink);
    if (requests === 0) return;
    if (performance.now() > deadline) {
      problems.push(`${sink}: ${requests} requests are still in flight`);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function kindsOf(sink: Sink): Record<'local' | 'client', (readonly [name: string, kind: Kind])[]> {
  const made = (sort: Kinds) => Object.entries(sort(telemetry.trackers[sink], models.url));
  return { local: [values, streams, nested].flatMap(made), client: made(client) };
}

function requestsSoFar(): number {
  return ledgers.default.requests + ledgers.producer.requests;
}

function report(): void {
  const seconds = (performance.now() - started) / 1000;
  const requests = requestsSoFar();
  const slope = bytesPerRequest(samples);
  const isLong = minutes >= MINUTES_TO_JUDGE_MEMORY;
  if (isLong && slope > BYTES_PER_REQUEST) problems.push(`memory grows by ${slope.toFixed(2)} bytes a request`);
  const total = (status: 'success' | 'error' | 'cancelled') =>
    count(ledgers.default.byStatus[status] + ledgers.producer.byStatus[status]);
  const held = samples.map(({ bytes }) => bytes / 1024 / 1024);
  const megabytes = (index: number) => `${held.at(index)?.toFixed(2)} MB`;
  console.log(`Soak of ${(seconds / 60).toFixed(1)} minutes on Node ${process.versions.node}, seed ${flags.seed}, ${callers} callers
  requests     ${count(requests)} (${count(requests / seconds)} a second) of ${kinds.default.local.length + kinds.default.client.length} kinds, through both sinks
  ended        ${total('success')} success, ${total('error')} error, ${total('cancelled')} cancelled
  looks        ${samples.length}, each at ${ledgers.default.counts.size + ledgers.producer.counts.size} counts, requests in flight, memory
  providers    ${telemetry.eras}, each made global while requests ran
  exports      ${count(backend.accepted)} accepted, ${count(backend.refused)} failed
  memory       ${megabytes(0)} after the first round, ${megabytes(Math.floor(held.length / 2))} halfway, ${megabytes(-1)} at the end
  slope        ${slope.toFixed(3)} bytes a request over the second half (${isLong ? `bound: ${BYTES_PER_REQUEST}` : 'too short a run to judge it'})
${problems.length === 0 ? 'All counts exact, none in flight, memory flat.' : `FAILED\n  ${problems.slice(0, 20).join('\n  ')}`}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}
