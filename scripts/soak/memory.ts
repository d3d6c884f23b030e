declare const gc: () => void;

/** Memory at one moment at which nothing was in flight. */
export interface Sample {
  readonly requests: number;
  readonly bytes: number;
}

/** Bytes of heap and of what the heap holds outside of it, after collections. */
export async function heldBytes(): Promise<number> {
  for (let round = 0; round < 5; round++) {
    gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Bytes that each request leaves behind, by the least squares over the second half of the samples. */
export function bytesPerRequest(samples: readonly Sample[]): number {
  const half = samples.slice(Math.floor(samples.length / 2));
  const mean = (of: (sample: Sample) => number) => half.reduce((sum, sample) => sum + of(sample), 0) / half.length;
  const requests = mean((sample) => sample.requests);
  const bytes = mean((sample) => sample.bytes);
  const variance = mean((sample) => (sample.requests - requests) ** 2);
  return variance === 0 ? 0 : mean((sample) => (sample.requests - requests) * (sample.bytes - bytes)) / variance;
}
