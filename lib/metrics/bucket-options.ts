import { INFERENCE_DURATION, REQUEST_DURATION, TIME_TO_FIRST_TOKEN, TOKENS_PER_SECOND } from './metric-names.js';

/** Bucket boundaries that replace the built-in advice: seconds, and tokens per second for `tokensPerSecond`. */
export interface BucketOptions {
  requestDuration?: readonly number[] | undefined;
  inferenceDuration?: readonly number[] | undefined;
  timeToFirstToken?: readonly number[] | undefined;
  tokensPerSecond?: readonly number[] | undefined;
}

/** Overrides of bucket advice, by instrument name. */
export type BucketOverrides = ReadonlyMap<string, readonly number[]>;

export function bucketsByName(buckets: BucketOptions): BucketOverrides {
  const names = {
    requestDuration: REQUEST_DURATION,
    inferenceDuration: INFERENCE_DURATION,
    timeToFirstToken: TIME_TO_FIRST_TOKEN,
    tokensPerSecond: TOKENS_PER_SECOND,
  } as const;
  const byName = new Map<string, readonly number[]>();
  for (const [key, name] of Object.entries(names)) {
    const boundaries = buckets[key as keyof BucketOptions];
    if (boundaries !== undefined) byName.set(name, boundaries);
  }
  return byName;
}
