import { type Finding, ok, problem, warn } from '../finding.js';
import type { Observed } from '../probe/observed.js';
import type { EntryResult } from './run-entry.js';

/** Whether the entry file could be run at all. */
export function checkEntryOutcome(result: EntryResult, entry: string): Finding[] {
  if ('ended' in result) {
    const lines = result.output.trim().split('\n').filter(Boolean).slice(-5);
    return [problem(`${entry} could not be looked into: ${result.ended}`, ...lines)];
  }
  const { observed } = result;
  return [...outcome(observed, entry), ...observed.laterErrors.map((error) => warn(`${entry} threw later: ${error}`))];
}

function outcome({ entry: outcome, loadError }: Observed, entry: string): Finding[] {
  if (loadError !== undefined) return [problem(`track-inference cannot be loaded here: ${loadError}`)];
  switch (outcome.state) {
    case 'failed':
      return [problem(`${entry} throws: ${outcome.error}`, ...adviceOn(outcome.error, outcome.code))];
    case 'pending':
      return [
        warn(
          `${entry} was still loading after ${outcome.seconds} s; what follows is how it stood then`,
          '--timeout 60',
        ),
      ];
    default:
      return [ok(`${entry} ran`)];
  }
}

function adviceOn(error: string, code: string | undefined): string[] {
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION' || code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') {
    return ['Load what runs TypeScript here: --import tsx'];
  }
  if (/^SyntaxError: Invalid or unexpected token/.test(error)) {
    return [
      'A decorator that was not compiled away reads like this. With tsc: "target": "ES2022".',
      'Under Node’s own type stripping: --import tsx',
    ];
  }
  // startInferenceMetrics says which port, and has the system's error as its cause.
  if (code === 'EADDRINUSE' || error.includes('EADDRINUSE')) {
    return ['It runs already, it seems: stop it, or give it another port for this test.'];
  }
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') return ['Is everything installed and built?'];
  return [];
}
