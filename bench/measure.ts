/** Does the measured thing that many times in a row. */
export type Operation = (times: number) => void | Promise<void>;

/** How long a measurement may take, in milliseconds of CPU. */
export interface Effort {
  readonly warmUp: number;
  readonly batch: number;
  readonly batches: number;
}

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
 * Bytes that one operation allocates: the median of many stretches, each of which is small beside the young generation;
 * see {@link GARBAGE_FLAGS}. A stretch that saw a collection ends with less than it began with, and is left out.
 */
export async function bytesEach(operation: Operation, { warmUp }: Effort): Promise<number> {
  for (let spent = 0; spent < warmUp; ) spent += await cpuMilliseconds(operation, 4);
  let times = 1;
  while ((await allocated(operation, times)) < STRETCH / 2 && times < 2000) times *= 2;
  const each: number[] = [];
  // No forced collection here either: what it throws away of optimised code is measured as garbage of the slow one.
  for (let stretch = 0; stretch < 60; stretch++) {
    const bytes = await allocated(operation, times);
    if (bytes >= 0) each.push(bytes / times);
  }
  return median(each);
}

/** Bytes that a stretch allocates, roughly. */
const STRETCH = 1e6;

/** Of Node, for a process that measures garbage. */
export const GARBAGE_FLAGS = ['--min-semi-space-size=64', '--max-semi-space-size=64'];

async function allocated(operation: Operation, times: number): Promise<number> {
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
