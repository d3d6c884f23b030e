import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { boundedShutdown } from '../../lib/start/bounded-shutdown.js';
import { WatchedExporter } from '../../lib/start/watched-exporter.js';

/** A reader that ends badly. */
class BrokenReader extends MetricReader {
  constructor(readonly problem: unknown) {
    super();
  }

  protected override async onForceFlush(): Promise<void> {}

  protected override async onShutdown(): Promise<void> {
    throw this.problem;
  }
}

const exporter = new WatchedExporter(
  { export: (_, done) => done({ code: 0 }), forceFlush: async () => {}, shutdown: async () => {} },
  'http://host',
  () => {},
);

describe('boundedShutdown', () => {
  it.each([
    [new Error('disk full'), 'disk full'],
    ['disk full', 'disk full'],
  ])('does not reject where a reader does, with %p', async (problem, reason) => {
    const provider = new MeterProvider({ readers: [new BrokenReader(problem)] });
    expect(await boundedShutdown(provider, exporter, 1_000)).toEqual({ lost: true, reason });
  });

  it('has lost nothing where nothing is exported', async () => {
    const provider = new MeterProvider({ readers: [new BrokenReader(new Error('disk full'))] });
    expect(await boundedShutdown(provider, undefined, 1_000)).toEqual({ lost: false });
  });
});
