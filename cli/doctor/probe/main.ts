// Runs inside the process of the user's entry file, and tells its parent what that file has set up.
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { EntryOutcome, Observed, ProbeOrder } from './observed.js';
import { collectSelfTest, makeSilent } from './self-test.js';
import { loadTracking, type Tracking } from './tracking.js';

const order = JSON.parse(process.argv[2] ?? '{}') as ProbeOrder;
// Whoever reads its own arguments finds what it would find when it is run by itself.
process.argv.splice(1, 2, order.entry ?? '');
const started = performance.now();
const deadline = started + order.timeoutMilliseconds;
const laterErrors: string[] = [];
process.on('uncaughtException', (error) => laterErrors.push(tell(error)));

// The parent ends this process: nothing of the entry's own shutdown runs, so nothing is sent.
process.send?.(await look());

async function look(): Promise<Observed> {
  const entry = await runEntry();
  const loadedAt = performance.now();
  let tracking: Tracking;
  try {
    tracking = loadTracking(order.project);
  } catch (error) {
    return { entry, laterErrors, loadError: tell(error), apiGlobals: apiGlobals(), readers: [], expected: [] };
  }
  let provider = tracking.provider();
  const isLate = provider === undefined;
  while (provider === undefined && entry.state !== 'failed' && performance.now() < deadline) {
    await sleep(20);
    provider = tracking.provider();
  }
  const lateMilliseconds = isLate && entry.state === 'loaded' ? Math.round(performance.now() - loadedAt) : 0;
  const seen = { entry, laterErrors, apiVersion: tracking.apiVersion, apiGlobals: apiGlobals() };
  if (provider === undefined) return { ...seen, readers: [], expected: tracking.expected };
  makeSilent(provider.readers);
  await tracking.recordOneCall();
  return {
    ...seen,
    provider: {
      className: provider.className,
      source: provider.source,
      lateMilliseconds,
      isShutDown: provider.isShutDown,
      isForeign: provider.isForeign,
    },
    readers: await collectSelfTest(provider.readers),
    expected: tracking.expected,
  };
}

async function runEntry(): Promise<EntryOutcome> {
  if (order.entry === undefined) return { state: 'none' };
  const waiting = new AbortController();
  try {
    return await Promise.race([
      import(pathToFileURL(order.entry).href).then((): EntryOutcome => ({ state: 'loaded' })),
      sleep(order.timeoutMilliseconds, undefined, { signal: waiting.signal }).then(
        (): EntryOutcome => ({ state: 'pending', seconds: order.timeoutMilliseconds / 1_000 }),
      ),
    ]);
  } catch (error) {
    const { code } = error as { code?: unknown };
    return { state: 'failed', error: tell(error), ...(typeof code === 'string' && { code }) };
  } finally {
    waiting.abort();
  }
}

function apiGlobals(): Observed['apiGlobals'] {
  return Object.getOwnPropertySymbols(globalThis)
    .filter(({ description }) => /^opentelemetry\.js\.api\.\d+$/.test(description ?? ''))
    .map((symbol) => {
      const { version, ...registered } = (globalThis as unknown as Record<symbol, { version: string }>)[symbol] ?? {
        version: '',
      };
      return { version, registered: Object.keys(registered) };
    });
}

function tell(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
