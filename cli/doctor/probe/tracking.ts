import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExpectedMetric } from './observed.js';

/** The endpoint type under which the self-test's call is recorded. */
export const SELF_TEST = 'doctor_self_test';

/** The project's own copy of track-inference, and where its default tracker records. */
export interface Tracking {
  readonly apiVersion: string;
  readonly expected: readonly ExpectedMetric[];
  /** Undefined as long as nothing would be recorded. */
  provider(): Provider | undefined;
  /** Records one finished stream with usage under {@link SELF_TEST}. */
  recordOneCall(): Promise<void>;
}

interface Provider {
  readonly className: string;
  readonly source: 'global' | 'tracker options';
  readonly isShutDown: boolean;
  readonly isForeign: boolean;
  readonly readers: readonly Reader[];
}

/** What is used of a MetricReader, inner parts included: no public interface gives them. */
export interface Reader {
  collect(): Promise<{ resourceMetrics: { scopeMetrics: readonly ScopeMetrics[] } }>;
  readonly _exporter?: { export?: unknown; readonly _delegate?: unknown };
  readonly _exportInterval?: number;
  readonly _interval?: NodeJS.Timeout;
  readonly _metricProducers?: readonly object[];
}

interface ScopeMetrics {
  readonly scope: { readonly name: string };
  readonly metrics: readonly {
    readonly descriptor: { readonly name: string };
    readonly dataPointType: number;
    readonly aggregationTemporality: number;
    readonly dataPoints: readonly { readonly attributes: Record<string, unknown>; readonly value: unknown }[];
  }[];
}

interface MeterProvider {
  readonly _shutdown?: boolean;
  readonly _sharedState?: { readonly metricCollectors?: readonly { readonly _metricReader: Reader }[] };
}

/** Loads the project's copy. What it shares with other copies in the process is the default tracker. */
export function loadTracking(project: string): Tracking {
  const main = createRequire(join(project, 'package.json')).resolve('track-inference');
  const load = createRequire(main);
  const { trackInference, llamaStack } = load(main) as typeof import('track-inference');
  const { defaultTracker } = load(join(dirname(main), 'default-tracker.js')) as DefaultTrackerModule;
  const api = load('@opentelemetry/api') as { metrics: { getMeterProvider(): MeterProvider } };

  return {
    apiVersion: versionOf(load.resolve('@opentelemetry/api')),
    expected: [llamaStack.inFlight, ...llamaStack.settled].map((definition) => ({
      name: definition.name,
      ...('boundaries' in definition && { boundaries: definition.boundaries }),
    })),
    provider() {
      const own = defaultTracker().tracker.runtime.meterProvider;
      const provider = own ?? api.metrics.getMeterProvider();
      return className(provider) === 'NoopMeterProvider'
        ? undefined
        : describeProvider(provider, own ? 'tracker options' : 'global');
    },
    async recordOneCall() {
      // Somebody's billing may hang on this hook.
      defaultTracker().tracker.runtime.report = () => {};
      const call = trackInference(
        async function* doctorSelfTest() {
          // So that it takes time, and has a token rate.
          await sleep(1);
          yield 'output';
        },
        {
          endpointType: SELF_TEST,
          model: 'doctor',
          provider: 'doctor',
          stream: true,
          usage: () => ({ inputTokens: 1, outputTokens: 1, totalTokens: 2 }),
        },
      );
      for await (const _chunk of call());
    },
  };
}

interface DefaultTrackerModule {
  defaultTracker(): {
    readonly tracker: { readonly runtime: { readonly meterProvider?: MeterProvider; report: unknown } };
  };
}

function describeProvider(provider: MeterProvider, source: Provider['source']): Provider {
  const collectors = provider._sharedState?.metricCollectors;
  return {
    className: className(provider),
    source,
    isShutDown: provider._shutdown === true,
    isForeign: collectors === undefined,
    readers: collectors?.map(({ _metricReader }) => _metricReader) ?? [],
  };
}

function versionOf(file: string): string {
  for (let dir = dirname(file); ; dir = dirname(dir)) {
    try {
      const { name, version } = createRequire(file)(join(dir, 'package.json')) as { name?: string; version?: string };
      if (name === '@opentelemetry/api' && version !== undefined) return version;
    } catch {
      // The next folder up, until there is none.
    }
    if (dir === dirname(dir)) return '';
  }
}

export function className(object: object): string {
  // Bundlers number classes whose name is taken: MeterProvider$1.
  return (object.constructor as { name?: string } | undefined)?.name?.replace(/\$\d+$/, '') || 'an unnamed class';
}
