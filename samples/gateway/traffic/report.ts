import { countKey, type GatewayCounts } from './gateway-counts.js';
import type { EndpointType, Observation, Outcome } from './observation.js';

const ENDPOINTS: readonly EndpointType[] = ['chat_completion', 'completion', 'embeddings'];
const OUTCOMES: readonly Outcome[] = ['success', 'cancelled', 'error', 'refused'];
const HEADINGS = ['endpoint', 'stream', 'outcome', 'client', 'gateway', 'TTFT p50', 'p95', 'duration p50', 'p95'];
const TEXT_COLUMNS = 3;

/** The closing table: what the client saw, beside what the gateway counted in the same time. */
export function report(observations: readonly Observation[], before: GatewayCounts, after: GatewayCounts): string {
  const rows = ENDPOINTS.flatMap((endpointType) =>
    [true, false].flatMap((stream) =>
      OUTCOMES.map((outcome) => {
        const seen = observations.filter(
          (one) => one.endpointType === endpointType && one.stream === stream && one.outcome === outcome,
        );
        const key = countKey(endpointType, stream, outcome);
        const counted = (after.get(key) ?? 0) - (before.get(key) ?? 0);
        return seen.length + counted === 0 ? [] : row(endpointType, stream, outcome, seen, counted);
      }).filter((cells) => cells.length > 0),
    ),
  );
  return table([HEADINGS, ...rows]);
}

function row(endpointType: string, stream: boolean, outcome: Outcome, seen: readonly Observation[], counted: number) {
  const firstTokens = seen.flatMap(({ firstTokenMs }) => firstTokenMs ?? []);
  const durations = seen.map(({ durationMs }) => durationMs);
  return [
    endpointType,
    stream ? 'yes' : 'no',
    outcome,
    String(seen.length),
    // Refused before the router, so there is nothing for it to count.
    outcome === 'refused' ? '-' : String(counted),
    ...[firstTokens, durations].flatMap((times) => [quantile(times, 0.5), quantile(times, 0.95)].map(milliseconds)),
  ];
}

/** Nearest rank: a value that was really seen. */
export function quantile(values: readonly number[], q: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? '-' : `${Math.round(value)} ms`;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const lines = rows.map((cells) =>
    cells
      .map((cell, at) => (at < TEXT_COLUMNS ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  '),
  );
  lines.splice(1, 0, '-'.repeat(lines[0]?.length ?? 0));
  return lines.join('\n');
}
