import { metrics } from '@opentelemetry/api';
import { createInferenceTracker, type InferenceSink, llamaStack, type SettledInference } from 'track-inference';
import { InferenceMetricProducer } from 'track-inference/producer';
import type { Operation } from '../measure.js';
import type { Case } from './case.js';
import { useSdk } from './open-telemetry.js';
import { peer } from './peer.js';

const labels = { model: 'gpt-4o-mini', provider: 'openai', endpoint_type: 'chat_completion', stream: true };
const [, requestDuration, tokensPerSecond, inferenceDuration, timeToFirstToken] = llamaStack.settled;

/** What one streamed request records and nothing around it: seven records under five attributes, three clock readings. */
function recording(name: string, prepare: () => Operation, more: Partial<Case> = {}): Case {
  return { id: `recordings of one request/${name}`, per: 'request', prepare: async () => prepare(), ...more };
}

function byHand(): Operation {
  useSdk();
  const meter = metrics.getMeter(llamaStack.meter, '1.0.0');
  const histogram = ({ name, boundaries }: { name: string; boundaries: readonly number[] }) =>
    meter.createHistogram(name, { advice: { explicitBucketBoundaries: [...boundaries] } });
  const concurrent = meter.createUpDownCounter('concurrent_requests');
  const requests = meter.createCounter('requests_total');
  const histograms = [requestDuration, inferenceDuration, tokensPerSecond, timeToFirstToken].map(histogram);
  return (times) => {
    for (let i = 0; i < times; i++) {
      const start = performance.now();
      concurrent.add(1, labels);
      const firstToken = (performance.now() - start) / 1000;
      const seconds = (performance.now() - start) / 1000;
      const settled = { ...labels, status: 'success' };
      concurrent.add(-1, labels);
      requests.add(1, settled);
      histograms[0]?.record(seconds, settled);
      histograms[1]?.record(seconds, settled);
      histograms[2]?.record(250 / seconds, settled);
      histograms[3]?.record(firstToken, settled);
    }
  };
}

function promClient(): Operation {
  interface Bound {
    inc(): void;
    dec(): void;
    observe(value: number): void;
  }
  type Metric = new (options: object) => { labels(labels: object): Bound };
  const { Counter, Gauge, Histogram } = peer<Record<'Counter' | 'Gauge' | 'Histogram', Metric>>('prom-client');
  const labelNames = [...Object.keys(labels), 'status'];
  const settled = { ...labels, status: 'success' };
  const histogram = ({ name, boundaries }: { name: string; boundaries: readonly number[] }) =>
    new Histogram({ name: name.replaceAll('.', '_'), help: name, buckets: [...boundaries], labelNames }).labels(
      settled,
    );
  const concurrent = new Gauge({ name: 'concurrent', help: 'in flight', labelNames: Object.keys(labels) }).labels(
    labels,
  );
  const requests = new Counter({ name: 'requests_total', help: 'all', labelNames }).labels(settled);
  const histograms = [requestDuration, inferenceDuration, tokensPerSecond, timeToFirstToken].map(histogram);
  return (times) => {
    for (let i = 0; i < times; i++) {
      const start = performance.now();
      concurrent.inc();
      const firstToken = (performance.now() - start) / 1000;
      const seconds = (performance.now() - start) / 1000;
      concurrent.dec();
      requests.inc();
      histograms[0]?.observe(seconds);
      histograms[1]?.observe(seconds);
      histograms[2]?.observe(250 / seconds);
      histograms[3]?.observe(firstToken);
    }
  };
}

function producer(): Operation {
  const sink = new InferenceMetricProducer();
  useSdk([sink]);
  createInferenceTracker({ sink });
  const call = anyCall();
  return (times) => {
    for (let i = 0; i < times; i++) {
      const start = performance.now();
      const ticket = sink.entered(call.labels);
      const firstTokenSeconds = (performance.now() - start) / 1000;
      const seconds = (performance.now() - start) / 1000;
      const tokens = 250 / seconds;
      sink.settled(ticket, {
        labels: call.labels,
        status: 'success',
        context: call.context,
        requestSeconds: seconds,
        inferenceSeconds: seconds,
        firstTokenSeconds,
        tokensPerSecond: tokens,
        usage: call.usage,
        error: undefined,
        errorType: undefined,
        responseModel: undefined,
        firstChunkSeconds: undefined,
        attempts: undefined,
      });
    }
  };
}

/** What a sink is told of a call with those labels. */
function anyCall(): SettledInference {
  let told: SettledInference | undefined;
  const sink: InferenceSink = {
    prepare() {},
    entered: () => undefined,
    moved() {},
    withdrawn() {},
    settled: (_ticket, call) => {
      told = call;
    },
    instrument: () => undefined,
  };
  const { model, provider, endpoint_type: endpointType } = labels;
  createInferenceTracker({ sink, provider }).trackInference(() => {}, { model, endpointType, stream: true })();
  return told as unknown as SettledInference;
}

export const recordingCases: readonly Case[] = [
  recording('by hand', byHand),
  recording('track-inference, producer', producer),
  recording('prom-client, labels bound beforehand', promClient, { peer: 'prom-client' }),
  recording('three clock readings alone', () => (times) => {
    for (let i = 0; i < times; i++) {
      performance.now();
      performance.now();
      performance.now();
    }
  }),
];
