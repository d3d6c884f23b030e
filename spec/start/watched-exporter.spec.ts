import {
  AggregationTemporality,
  AggregationType,
  InstrumentType,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';
import { WatchedExporter } from '../../lib/start/watched-exporter.js';

type Result = Parameters<Parameters<PushMetricExporter['export']>[1]>[0];

const lines: string[] = [];
const log = (line: string) => lines.push(line);

/** An exporter that has only what the SDK demands, and ends each export with the next of these. */
function ending(...results: readonly Result[]): PushMetricExporter {
  const left = [...results];
  return {
    export: (_, done) => done(left.shift() as Result),
    forceFlush: async () => {},
    shutdown: async () => {},
  };
}

function exported(results: readonly Result[]): Result[] {
  const answers: Result[] = [];
  const exporter = new WatchedExporter(ending(...results), 'http://host', log);
  for (const _ of results) exporter.export({} as never, (answer) => answers.push(answer));
  return answers;
}

beforeEach(() => {
  lines.length = 0;
});

describe('an exporter that is watched', () => {
  it.each<[error: (Error & { code?: unknown }) | undefined, reason: string]>([
    [undefined, 'the exporter gave no reason'],
    [new Error(''), 'the exporter gave no reason'],
    [new AggregateError([new Error('connect ECONNREFUSED ::1:4318')]), 'connect ECONNREFUSED ::1:4318'],
    [Object.assign(new Error('Bad Request'), { code: 400 }), 'Bad Request (400)'],
    [new Error('Export failed with retryable status'), 'it answers that it is overloaded (429, 502, 503 or 504)'],
  ])('says why it does not deliver: %s', (error, reason) => {
    const failure: Result = { code: 1, ...(error && { error }) };
    // Nobody else has to tell.
    expect(exported([failure])).toEqual([{ code: 0 }]);
    expect(lines).toEqual([expect.stringContaining(`Metrics do not reach http://host: ${reason}. Nothing is lost`)]);
  });

  it('counts what failed in between', () => {
    exported([{ code: 1 }, { code: 0 }, { code: 1 }, { code: 1 }, { code: 0 }]);
    expect(lines.filter((line) => line.includes('again'))).toEqual([
      'Metrics reach http://host again, after one failed export.',
      'Metrics reach http://host again, after 2 failed exports.',
    ]);
  });

  it('has the defaults of the SDK where the exporter states none', () => {
    const exporter = new WatchedExporter(ending(), 'http://host', log);
    expect(exporter.selectAggregationTemporality(InstrumentType.COUNTER)).toBe(AggregationTemporality.CUMULATIVE);
    expect(exporter.selectAggregation(InstrumentType.HISTOGRAM)).toEqual({ type: AggregationType.DEFAULT });
  });

  it('keeps the reason of the latest export, whenever an earlier one fails', () => {
    const pending: ((result: Result) => void)[] = [];
    const slow: PushMetricExporter = { ...ending(), export: (_, done) => pending.push(done) };
    const exporter = new WatchedExporter(slow, 'http://host', log);
    expect(exporter.lostSince(0)).toBe('no export was begun');
    exporter.export({} as never, () => {});
    exporter.export({} as never, () => {});
    pending[0]?.({ code: 1, error: new Error('the first') });
    expect(exporter.lostSince(0)).toBe('http://host has not answered yet');
    pending[1]?.({ code: 0 });
    expect(exporter.lostSince(0)).toBeUndefined();
  });
});
