import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Observed, ProbeOrder } from '../probe/observed.js';

export interface EntryRun {
  /** Modules to load before it, as by `node --import` and `node --require`. */
  readonly imports: readonly string[];
  readonly requires: readonly string[];
}

/** What came of running an entry file in a process of its own. */
export type EntryResult =
  | { readonly observed: Observed }
  /** It ended, or hung, before the probe could look. */
  | { readonly ended: string; readonly output: string };

const PROBE = fileURLToPath(new URL('../probe/main.js', import.meta.url));
/** For starting up, the self-test and the collections, beside the time that the entry itself may take. */
const GRACE_MS = 15_000;
const KEPT_OUTPUT = 2_000;

/** Runs an entry file under the probe, as the project's own process would, and ends it. */
export function runEntry(order: ProbeOrder, { imports, requires }: EntryRun): Promise<EntryResult> {
  const flags = [...requires.flatMap((name) => ['--require', name]), ...imports.flatMap((name) => ['--import', name])];
  const child = spawn(process.execPath, [...flags, PROBE, JSON.stringify(order)], {
    cwd: order.project,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (text) => {
      output = (output + text).slice(-KEPT_OUTPUT);
    });
  }
  return new Promise((resolve) => {
    const end = (result: EntryResult) => {
      clearTimeout(impatient);
      // No signal that it could handle: its shutdown would send what the self-test recorded.
      child.kill('SIGKILL');
      resolve(result);
    };
    const impatient = setTimeout(
      () => end({ ended: 'it keeps its process too busy to look into', output }),
      order.timeoutMilliseconds + GRACE_MS,
    );
    child.once('message', (observed) => end({ observed: observed as Observed }));
    child.once('error', (error) => end({ ended: error.message, output }));
    child.once('close', (code, signal) => end({ ended: `its process ended with ${signal ?? `code ${code}`}`, output }));
  });
}
