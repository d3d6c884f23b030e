import { createInferenceTracker } from 'track-inference';
import { InferenceMetricProducer } from 'track-inference/producer';
import { cpuMilliseconds, median } from '../measure.js';
import { byHand } from './by-hand.js';
import type { Case } from './case.js';
import { type ChatResponse, request, response } from './chat.js';
import { useSdk } from './open-telemetry.js';

declare const gc: () => void;

const complete = async (): Promise<ChatResponse> => response;

/** Five series a model: in flight, counter and three histograms; the zero series makes a sixth with the tracker. */
const SERIES = 100_000;

/** How long collecting blocks the event loop, and what a series holds of the heap. */
function collecting(
  name: string,
  seriesPerModel: number,
  make: (producer: InferenceMetricProducer) => typeof complete,
): Case {
  return {
    id: `collecting ${SERIES.toLocaleString('en')} series/${name}`,
    per: 'collection',
    rounds: 3,
    isLong: !name.includes('producer'),
    async prepare() {
      const producer = new InferenceMetricProducer();
      const reader = useSdk([producer]);
      const call = make(producer) as (asked: typeof request) => Promise<ChatResponse>;
      gc();
      const before = process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
      for (let i = 0; i < SERIES / seriesPerModel; i++) {
        await call({ ...request, model: `model-${i}` });
      }
      await reader.collect();
      gc();
      const held = process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers - before;
      const blocked: number[] = [];
      let points = 0;
      for (let round = 0; round < 5; round++) {
        // Something was recorded since the collection before, in every series.
        for (let i = 0; i < SERIES / seriesPerModel; i++) await call({ ...request, model: `model-${i}` });
        blocked.push(
          await cpuMilliseconds(async () => {
            const { resourceMetrics } = await reader.collect();
            points = resourceMetrics.scopeMetrics
              .flatMap(({ metrics }) => metrics)
              .reduce((sum, { dataPoints }) => sum + dataPoints.length, 0);
          }, 1),
        );
      }
      if (Math.abs(points - SERIES) > SERIES / 100) throw new Error(`collected ${points} series`);
      return { figures: { milliseconds: median(blocked), bytesPerSeries: held / points } };
    },
  };
}

const labelLimits = { model: SERIES };

export const collectionCases: readonly Case[] = [
  collecting('by hand', 5, () => byHand(complete) as typeof complete),
  collecting('track-inference, default sink', 6, () =>
    createInferenceTracker({ provider: 'openai', labelLimits, asyncContext: false }).trackInference(
      complete,
      'chat_completion',
    ),
  ),
  collecting('track-inference, producer', 6, (producer) =>
    createInferenceTracker({ provider: 'openai', labelLimits, asyncContext: false, sink: producer }).trackInference(
      complete,
      'chat_completion',
    ),
  ),
];
