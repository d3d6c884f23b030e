import { setImmediate as turn } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { type InferenceMetrics, startInferenceMetrics } from 'track-inference/start';
import { type Behaviour, OtlpReceiver } from '../start/support/otlp-receiver.js';
import { until } from '../support/until.js';
import { describeWith } from './support/backends.js';
import { KnownTraffic } from './support/known-traffic.js';
import type { MetricsServer } from './support/prometheus.js';
import { byLabels } from './support/promql-client.js';
import { type OtlpServer, startVictoriaMetrics } from './support/victoria-metrics.js';

/** How long each fault lasts. Minutes of each: FAULT_SECONDS=180 npm run jest -- --testPathPatterns=faults */
const FAULT_MS = Number(process.env['FAULT_SECONDS'] ?? 1) * 1_000;
const FAULTS: readonly Behaviour[] = ['hangs', 'is slow', 'is overloaded', 'resets', 'answers junk'];

// Twice before the faults, and once with the back end down.
jest.setTimeout(120_000 + FAULT_MS * (FAULTS.length + 3));

declare const gc: () => void;

describeWith(['victoria-metrics'], 'a back end in trouble, under load', () => {
  let victoria: MetricsServer & OtlpServer;
  let backend: OtlpReceiver;
  let metrics: InferenceMetrics;
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown) => rejections.push(reason);

  beforeAll(async () => {
    process.on('unhandledRejection', onRejection);
    victoria = await startVictoriaMetrics();
    backend = await OtlpReceiver.start(victoria.otlpUrl);
  });

  // Whatever failed: a reader that goes on exporting or a server that goes on listening would keep the process alive.
  afterAll(async () => {
    await metrics?.shutdown({ timeoutMilliseconds: 1 });
    await backend?.stop();
    await victoria?.stop();
    process.off('unhandledRejection', onRejection);
  });

  it('costs no exception, no memory and no count, and two lines in the log', async () => {
    const lines: string[] = [];
    metrics = await startInferenceMetrics({
      otlp: { url: backend.url, exportIntervalMilliseconds: 1_000, exportTimeoutMilliseconds: 1_000 },
      tracker: false,
      log: (line) => lines.push(line),
    });
    const traffic = new KnownTraffic(metrics.trackerOptions);

    async function load(): Promise<number> {
      for (const end = performance.now() + FAULT_MS; performance.now() < end; await turn()) await traffic.batch();
      gc();
      return process.memoryUsage().heapUsed;
    }

    await load();
    const before = await load();
    // On a machine that is busy itself an export may be late even now; that has been said and is over, then.
    await until('a healthy start', () => backend.accepted > 0 && lines.length % 2 === 0, 30_000, 20);
    lines.length = 0;

    const after: number[] = [];
    for (const fault of FAULTS) {
      backend.behaviour = fault;
      after.push(await load());
    }
    const port = Number(new URL(backend.origin).port);
    await backend.stop();
    after.push(await load());
    backend.behaviour = 'accepts';
    await backend.listen(port);

    await until('the good news', () => lines.length > 1, 30_000, 20);
    expect(lines).toEqual([
      expect.stringContaining(`Metrics do not reach ${backend.url}`),
      expect.stringMatching(/again, after \d+ failed exports\.$/),
    ]);
    expect(await metrics.shutdown()).toEqual({ lost: false });
    const expected = sorted(traffic.truth);
    await until(
      'every count',
      async () => {
        const counts = byLabels(await victoria.query('llama_stack_inference_requests_total'));
        return JSON.stringify(sorted(counts)) === JSON.stringify(expected);
      },
      60_000,
      100,
    );
    expect(Math.max(...after) - before).toBeLessThan(4 * 1024 * 1024);
    expect(rejections).toEqual([]);
  });
});

function sorted(values: Record<string, number>): [string, number][] {
  return Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
}
