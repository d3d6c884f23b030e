import { type Exit, RESPONSE_EXITS, STREAM_EXITS } from './conformance-exits.js';
import { type ConformanceProblem, type ConformanceReport, reportOf } from './conformance-report.js';
import { ExitRun } from './exit-run.js';
import { SAMPLE_CHUNKS, SAMPLE_RESPONSE } from './sample-chunks.js';
import type { ScriptedBackend } from './scripted-backend.js';
import { createTestTracker, type TestTracker } from './test-tracker.js';

/** A tracked method under test: how to call it over a backend that the suite scripts. */
export interface ConformanceSubject {
  /** Calls the method so that it hands on the stream of `backend.stream()`; left out for one that never streams. */
  stream?: ((backend: ScriptedBackend) => unknown) | undefined;
  /** Calls the method so that it hands on the response of `backend.respond()`; left out for one that only streams. */
  response?: ((backend: ScriptedBackend) => unknown) | undefined;
  /** What a consumer iterates, where that is not what the method returned or resolved to. */
  read?: ((returned: never) => AsyncIterable<unknown> | Iterable<unknown>) | undefined;
  /** What the backend streams. @default a short chat completion, as OpenAI streams it */
  chunks?: readonly unknown[] | undefined;
  /** What the backend responds. @default a short chat completion of OpenAI's */
  value?: unknown;
  /** The tokens that the chunks and the value state in all; null for none. @default 14, those of the default chunks */
  totalTokens?: number | null | undefined;
  /** True where the consumer gets other items than the backend sent, as bytes. @default false */
  changesItems?: boolean | undefined;
  /** How many chunks the method may ask for ahead of its consumer. @default 0 */
  readAhead?: number | undefined;
  /** True where the requests are others' than the backend's signal, which then aborts nothing. @default false */
  ignoresSignal?: boolean | undefined;
  /** Where the method is tracked. @default the default tracker, replaced for the time of the check */
  tracker?: TestTracker | undefined;
  /** Exits to pass over, by name; the report lists them as skipped. */
  skip?: readonly string[] | undefined;
}

/**
 * Runs a tracked method through every way in which a call can end, and says in words what is wrong.
 *
 * Each exit is one call over a backend that the suite scripts: to its end, failing, timing out, aborted; with a consumer
 * that leaves, throws, stops for long, or never comes. After each, there must be one request with the right status, its
 * duration and tokens, and none in flight; the caller must have got the backend's own items and errors, and a backend
 * whose consumer left must have been told. Works in every test runner: the report is a value.
 *
 * Exits that need a garbage collector (`node --expose-gc`) are skipped without one.
 *
 * @example
 * const report = await checkConformance({
 *   stream: (backend) => new Router(providerOver(backend)).chat({ stream: true }, { signal: backend.signal }),
 * });
 * expect(report.toString()).not.toContain('WRONG');
 */
export async function checkConformance(subject: ConformanceSubject): Promise<ConformanceReport> {
  if (typeof subject.stream !== 'function' && typeof subject.response !== 'function') {
    throw new TypeError('checkConformance: give a function as "stream", as "response", or both.');
  }
  const exits: string[] = [];
  const problems: ConformanceProblem[] = [];
  const skipped: ConformanceProblem[] = [];
  for (const exit of [...(subject.stream ? STREAM_EXITS : []), ...(subject.response ? RESPONSE_EXITS : [])]) {
    const reason = reasonToSkip(exit, subject);
    if (reason !== undefined) {
      skipped.push({ exit: exit.name, problem: reason });
      continue;
    }
    exits.push(exit.name);
    for (const problem of await problemsOf(exit, subject)) problems.push({ exit: exit.name, problem });
  }
  return reportOf(exits, problems, skipped);
}

/** As {@link checkConformance}, for a test that is to fail: throws an Error whose message is the report. */
export async function assertConformance(subject: ConformanceSubject): Promise<void> {
  const report = await checkConformance(subject);
  if (!report.passed) throw new Error(`The method does not conform:\n${report}`);
}

function reasonToSkip(exit: Exit, { skip, ignoresSignal }: ConformanceSubject): string | undefined {
  if (skip?.includes(exit.name)) return 'left out by the subject';
  if (exit.abortsBefore !== undefined && ignoresSignal === true) return 'the method takes no signal';
  const { gc } = globalThis as { gc?: unknown };
  if (exit.consumer === 'drops it' && typeof gc !== 'function') return 'needs node --expose-gc';
  return undefined;
}

async function problemsOf(exit: Exit, subject: ConformanceSubject): Promise<readonly string[]> {
  const tracker = subject.tracker ?? createTestTracker();
  try {
    const run = new ExitRun(exit, subject, tracker, {
      chunks: subject.chunks ?? SAMPLE_CHUNKS,
      response: subject.value ?? SAMPLE_RESPONSE,
      totalTokens: subject.totalTokens === undefined ? 14 : subject.totalTokens,
    });
    return await run.problems();
  } finally {
    if (subject.tracker === undefined) await tracker.dispose();
  }
}
