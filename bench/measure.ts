/** Does the measured thing that many times in a row. */
export type Operation = (times: number) => void | Promise<void>;

/** How long a measurement may take, in milliseconds of CPU. */
export interface Effort {
  readonly warmUp: number;
  readonly batch: number;
  readonly batches: number;
}

declare const gc: () => void;

/** CPU nanoseconds of one operation: the median of several batches. All threads count, the collector's too. */
export async function nanosecondsEach(operation: Operation, effort: Effort): Promise<number> {
  let times = 16;
  let spent = 0;
  // Doubles until a batch is long enough; that is the warm-up too.
  for (let total = 0; total < effort.warmUp || spent < effort.batch / 2; ) {
    spent = await cpuMilliseconds(operation, times);
    total += spent;
    if (spent < effort.batch / 2) times *= 2;
  }
  const each: number[] = [];
  // No forced collection in between: it throws away the code that was optimised for objects of which none is alive.
  for (let batch = 0; batch < effort.batches; batch++) {
    each.push(((await cpuMilliseconds(operation, times)) * 1e6) / times);
  }
  return median(each);
}

/**
 * Bytes that one operation allocates: from stretches that see no collection. The process needs a young generation that
 * holds them; see {@link GARBAGE_FLAGS}.
 */
export async function bytesEach(operation: Operation, { warmUp }: Effort): Promise<number> {
  for (let spent = 0; spent < warmUp; ) spent += await cpuMilliseconds(operation, 4);
  const one = Math.max(1, (await allocated(operation, 4)) / 4);
  const times = Math.max(1, Math.min(2000, Math.floor(8e6 / one)));
  const each: number[] = [];
  for (let round = 0; round < 15; round++) {
    const bytes = await allocated(operation, times);
    if (bytes >= 0) each.push(bytes / times);
  }
  return median(each);
}

/** Of Node, for a process that measures garbage. */
export const GARBAGE_FLAGS = ['--min-semi-space-size=64', '--max-semi-space-size=64'];

async function allocated(operation: Operation, times: number): Promise<number> {
  gc();
  const before = process.memoryUsage().heapUsed;
  await operation(times);
  return process.memoryUsage().heapUsed - before;
}

export async function cpuMilliseconds(operation: Operation, times: number): Promise<number> {
  const before = process.cpuUsage();
  await operation(times);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
