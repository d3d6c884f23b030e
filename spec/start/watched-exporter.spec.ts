import {
  AggregationTemporality,
  AggregationType,
  InstrumentType,
  type PushMetricExporter,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { WatchedExporter } from '../../lib/start/watched-exporter.js';

type Done = Parameters<PushMetricExporter['export']>[1];

/** An exporter that answers when and how the spec says. */
function rig(own: Partial<PushMetricExporter> = {}) {
  const pending: Done[] = [];
  const lines: string[] = [];
  const told: unknown[] = [];
  const calls: string[] = [];
  const exporter: PushMetricExporter = {
    export: (_metrics, done) => void pending.push(done),
    forceFlush: async () => void calls.push('forceFlush'),
    shutdown: async () => void calls.push('shutdown'),
    ...own,
  };
  const watched = new WatchedExporter(exporter, 'http://collector', (line) => lines.push(line));
  const begin = () => watched.export({} as ResourceMetrics, (result) => told.push(result));
  const answer = (error?: unknown) =>
    pending.shift()?.(error === undefined ? { code: 0 } : { code: 1, error: error as Error });
  return { watched, begin, answer, lines, told, calls };
}

const lost = (
  reason: string,
  held = 'Nothing is lost while this process runs: every export holds all counts so far.',
) => `Metrics do not reach http://collector: ${reason}. ${held} The next line follows when it works again.`;

describe('WatchedExporter', () => {
  it('says nothing while all is well, and that nothing is lost', () => {
    const { watched, begin, answer, lines, told } = rig();
    expect([watched.begun, watched.lostSince(0)]).toEqual([0, 'no export was begun']);
    begin();
    expect([watched.begun, watched.lostSince(0)]).toEqual([1, 'http://collector has not answered yet']);
    answer();
    expect([watched.lostSince(0), watched.lostSince(1)]).toEqual([undefined, 'http://collector has not answered yet']);
    expect(lines).toEqual([]);
    expect(told).toEqual([{ code: 0 }]);
  });

  it.each<[number, string]>([
    [1, 'one failed export'],
    [2, '2 failed exports'],
  ])('says once that it fails and once that it works again, after %i', (failures, times) => {
    const { watched, begin, answer, lines, told } = rig();
    for (let i = 0; i < failures; i++) {
      begin();
      answer(new Error('no route'));
      expect(lines).toEqual([lost('no route')]);
      expect(watched.lostSince(i)).toBe('no route');
    }
    for (let i = 0; i < 2; i++) {
      begin();
      answer();
    }
    expect(lines.slice(1)).toEqual([`Metrics reach http://collector again, after ${times}.`]);
    begin();
    answer(new Error('again'));
    expect(lines.slice(2)).toEqual([lost('again')]);
    // The SDK is told that all is well.
    expect(new Set(told.map((result) => JSON.stringify(result)))).toEqual(new Set(['{"code":0}']));
  });

  it('keeps to the later of two exports that answer in another order', () => {
    const { watched, begin, answer } = rig();
    begin();
    begin();
    answer(new Error('the earlier one'));
    expect(watched.lostSince(0)).toBe('http://collector has not answered yet');
    answer();
    expect(watched.lostSince(1)).toBeUndefined();

    const other = rig();
    const answers: Done[] = [];
    const { watched: late } = rig({ export: (_metrics, done) => void answers.push(done) });
    late.export({} as ResourceMetrics, () => {});
    late.export({} as ResourceMetrics, () => {});
    answers[1]?.({ code: 0 });
    answers[0]?.({ code: 0 });
    expect(late.lostSince(1)).toBeUndefined();
    expect(other.lines).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ['no error', null, 'the exporter gave no reason'],
    ['an error without a message', new Error(), 'the exporter gave no reason'],
    ['one of several addresses', new AggregateError([new Error('ECONNREFUSED ::1')]), 'ECONNREFUSED ::1'],
    ['no address at all', new AggregateError([]), 'the exporter gave no reason'],
    ['a status', Object.assign(new Error('Bad Request'), { code: 400 }), 'Bad Request (400)'],
    ['a code of Node', Object.assign(new Error('reset'), { code: 'ECONNRESET' }), 'reset'],
    [
      'an overload',
      new Error('Export failed with retryable status'),
      'it answers that it is overloaded (429, 502, 503 or 504)',
    ],
  ])('gives the reason of %s', (_what, error, reason) => {
    const { begin, answer, lines } = rig();
    begin();
    answer(error);
    expect(lines).toEqual([lost(reason)]);
  });

  it('says what delta temporality loses', () => {
    const selectAggregationTemporality = (type: InstrumentType) =>
      type === InstrumentType.HISTOGRAM ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE;
    const { begin, answer, lines } = rig({ selectAggregationTemporality });
    begin();
    answer(new Error('no'));
    expect(lines).toEqual([lost('no', 'What each failed export held is lost, since temporality is delta.')]);
  });

  it('is otherwise what it watches', async () => {
    const aggregation = { type: AggregationType.DROP } as const;
    const { watched, calls } = rig({
      selectAggregationTemporality: () => AggregationTemporality.DELTA,
      selectAggregation: () => aggregation,
    });
    await watched.forceFlush();
    await watched.shutdown();
    expect(calls).toEqual(['forceFlush', 'shutdown']);
    expect(watched.selectAggregationTemporality(InstrumentType.COUNTER)).toBe(AggregationTemporality.DELTA);
    expect(watched.selectAggregation(InstrumentType.COUNTER)).toBe(aggregation);
    const { watched: plain } = rig();
    expect(plain.selectAggregationTemporality(InstrumentType.COUNTER)).toBe(AggregationTemporality.CUMULATIVE);
    expect(plain.selectAggregation(InstrumentType.COUNTER)).toEqual({ type: AggregationType.DEFAULT });
  });
});
