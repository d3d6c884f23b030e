import { createInferenceTracker } from 'track-inference';
import { type InferenceMetrics, startInferenceMetrics } from 'track-inference/start';
import { until } from '../support/until.js';
import { restoreEnvironment, withEnvironment } from './support/environment.js';
import { type Behaviour, OtlpReceiver } from './support/otlp-receiver.js';

let backend: OtlpReceiver;
let lines: string[];
const started: InferenceMetrics[] = [];

beforeEach(async () => {
  backend = await OtlpReceiver.start();
  lines = [];
});
afterEach(async () => {
  restoreEnvironment();
  await Promise.all(started.splice(0).map((metrics) => metrics.shutdown({ timeoutMilliseconds: 1 })));
  await backend.stop();
});

async function exporting(exportIntervalMilliseconds: number): Promise<InferenceMetrics> {
  const own = lines;
  const metrics = await startInferenceMetrics({
    otlp: {
      url: backend.url.replace('//', '//user:secret@'),
      exportIntervalMilliseconds,
      exportTimeoutMilliseconds: Math.min(exportIntervalMilliseconds, 1_000),
    },
    tracker: false,
    log: (line) => own.push(line),
  });
  started.push(metrics);
  createInferenceTracker(metrics.trackerOptions).trackInference((_: { model: string }) => 'hi', 'chat')({ model: 'm' });
  return metrics;
}

describe('delivery', () => {
  it.each([
    ['is overloaded', '503'],
    ['resets', 'ECONNRESET'],
    ['answers junk', '400'],
    ['hangs', 'Request timed out'],
  ] satisfies [Behaviour, string][])(
    'says once that a back end %s, and once that it is well again',
    async (behaviour, reason) => {
      backend.behaviour = behaviour;
      // Long enough for an answer on a busy machine, or that would be the reason.
      await exporting(1_000);
      await until('a second failed export', () => backend.requests.length > 2 && lines.length > 0);
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(new RegExp(`^track-inference: Metrics do not reach ${backend.url}: .*${reason}`));
      expect(lines[0]).toContain('Nothing is lost while this process runs');
      backend.behaviour = 'accepts';
      await until('the good news', () => lines.length > 1);
      expect(lines[1]).toMatch(
        /^track-inference: Metrics reach http:\/\/127\.0\.0\.1:\d+\/v1\/metrics again, after \w+ failed exports?\.$/,
      );
      expect(lines).toHaveLength(2);
    },
  );

  it('says what delta temporality loses', async () => {
    withEnvironment({ OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta' });
    backend.behaviour = 'answers junk';
    await exporting(20);
    await until('the line', () => lines.length > 0);
    expect(lines[0]).toContain('What each failed export held is lost');
  });
});

describe('shutdown', () => {
  it('tells that the last interval was lost when nobody is there', async () => {
    const metrics = await exporting(60_000);
    await backend.stop();
    expect(await metrics.shutdown()).toEqual({ lost: true, reason: expect.stringContaining('ECONNREFUSED') });
    expect(lines.at(-1)).toMatch(/^track-inference: The last interval of metrics was lost: .*ECONNREFUSED/);
    backend = await OtlpReceiver.start();
  });

  it('tells so in time when a back end hangs, and says the same when asked again', async () => {
    backend.behaviour = 'hangs';
    const metrics = await exporting(60_000);
    const report = await metrics.shutdown({ timeoutMilliseconds: 50 });
    expect(report).toEqual({ lost: true, reason: 'no answer within 50 ms' });
    expect(await metrics.shutdown()).toBe(report);
    expect(lines).toEqual(['track-inference: The last interval of metrics was lost: no answer within 50 ms.']);
  });

  it('tells that nothing was lost when the back end is back for the last export', async () => {
    backend.behaviour = 'answers junk';
    const metrics = await exporting(1_000);
    await until('a failed export', () => lines.length > 0);
    backend.behaviour = 'accepts';
    expect(await metrics.shutdown()).toEqual({ lost: false });
  });
});
