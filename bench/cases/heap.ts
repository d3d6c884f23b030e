import { CONCURRENT_REQUESTS, createInferenceTracker } from 'track-inference';
import { InferenceMetricProducer } from 'track-inference/producer';
import type { Case } from './case.js';
import { type ChatChunk, chunks, iterate, streamRequest } from './chat.js';
import { type IdleReader, useSdk } from './open-telemetry.js';

declare const gc: () => void;

const list = chunks(6);
const source = async () => iterate(list);

/** Heap held per stream that is half read: so many at once, after collections; then all are read to the end. */
function inFlight(
  name: string,
  streams: number,
  asyncContext?: boolean,
  sink: 'default' | 'producer' = 'default',
): Case {
  return {
    id: `${streams.toLocaleString('en')} streams in flight/${name}`,
    per: 'stream',
    rounds: 3,
    isLong: streams > 1_000,
    async prepare() {
      const producer = new InferenceMetricProducer();
      const reader = useSdk([producer]);
      const method =
        asyncContext === undefined
          ? source
          : createInferenceTracker({ asyncContext, ...(sink === 'producer' && { sink: producer }) }).trackInference(
              source,
              'chat_completion',
            );
      // What is made once, code and feedback among it, is none of the streams'.
      await finish(await open(method, 200));
      await settleHeap();
      const before = process.memoryUsage().heapUsed;
      const open_ = await open(method, streams);
      await settleHeap();
      const held = (process.memoryUsage().heapUsed - before) / streams;
      if (asyncContext !== undefined) expect(await concurrency(reader), streams);
      await finish(open_);
      if (asyncContext !== undefined) expect(await concurrency(reader), 0);
      return { figures: { bytes: held } };
    },
  };
}

/** What a stream keeps of chunks that have passed. */
function retained(name: string, asyncContext?: boolean): Case {
  const chunksRead = 20_000;
  return {
    id: `kept of a stream/${name}`,
    per: 'chunk',
    rounds: 3,
    async prepare() {
      useSdk();
      const long = chunks(2 * chunksRead);
      const whole = async (_request: typeof streamRequest) => iterate(long);
      const method =
        asyncContext === undefined
          ? whole
          : createInferenceTracker({ asyncContext }).trackInference(whole, 'chat_completion');
      const iterator = (await method(streamRequest))[Symbol.asyncIterator]();
      for (let read = 0; read < 2000; read++) await iterator.next();
      await settleHeap();
      const before = process.memoryUsage().heapUsed;
      for (let read = 0; read < chunksRead; read++) await iterator.next();
      await settleHeap();
      const kept = process.memoryUsage().heapUsed - before;
      await iterator.return?.(undefined);
      return { figures: { bytes: kept / chunksRead } };
    },
  };
}

async function open(method: (request: typeof streamRequest) => Promise<AsyncGenerator<ChatChunk>>, count: number) {
  const iterators: AsyncIterator<ChatChunk>[] = new Array(count);
  for (let i = 0; i < count; i++) {
    const stream = await method(streamRequest);
    const iterator = stream[Symbol.asyncIterator]();
    for (let read = 0; read < 3; read++) await iterator.next();
    iterators[i] = iterator;
  }
  return iterators;
}

async function finish(iterators: readonly AsyncIterator<ChatChunk>[]): Promise<void> {
  for (const iterator of iterators) while (!(await iterator.next()).done);
}

async function settleHeap(): Promise<void> {
  for (let round = 0; round < 4; round++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    gc();
  }
}

async function concurrency(reader: IdleReader): Promise<number> {
  const { resourceMetrics } = await reader.collect();
  const metric = resourceMetrics.scopeMetrics
    .flatMap(({ metrics }) => metrics)
    .find(({ descriptor }) => descriptor.name === CONCURRENT_REQUESTS);
  return (metric?.dataPoints ?? []).reduce((sum, { value }) => sum + (value as number), 0);
}

function expect(actual: number, expected: number): void {
  if (actual !== expected) throw new Error(`concurrent_requests is ${actual}, expected ${expected}`);
}

const inFlightCases = [1_000, 10_000, 100_000].flatMap((streams) => [
  inFlight('bare', streams),
  inFlight('track-inference, default sink', streams, true),
  inFlight('track-inference, default sink, asyncContext off', streams, false),
  inFlight('track-inference, producer, asyncContext off', streams, false, 'producer'),
]);

export const heapCases: readonly Case[] = [
  ...inFlightCases,
  retained('bare'),
  retained('track-inference, default sink', true),
  retained('track-inference, default sink, asyncContext off', false),
];
