import { INFERENCE_DURATION, REQUEST_DURATION, TIME_TO_FIRST_TOKEN, TOKENS_PER_SECOND } from './metric-names.js';

/**
 * Upper bucket boundaries, ascending, that replace the built-in advice. A View of the SDK's goes before either.
 */
export interface BucketOptions {
  /** Of `request_duration_seconds`, in seconds. @default doubling from 0.01 to 655.36 */
  requestDuration?: readonly number[] | undefined;
  /** Of `inference_duration_seconds`, in seconds. @default doubling from 0.01 to 655.36 */
  inferenceDuration?: readonly number[] | undefined;
  /** Of `time_to_first_token_seconds`, in seconds. @default doubling from 0.01 to 655.36 */
  timeToFirstToken?: readonly number[] | undefined;
  /** Of `tokens_per_second`. @default 1 to 50,000 */
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
