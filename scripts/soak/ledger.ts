import type { InferenceStatus } from 'track-inference';

/** What the metrics must say of one request, by the contract and not by what the library made of it. */
export interface Truth {
  readonly model: string | undefined;
  readonly provider: string | undefined;
  readonly endpoint: string;
  readonly stream: boolean;
  readonly status: InferenceStatus;
  /** What the backend stated that it used. */
  readonly tokens?: Tokens;
  readonly firstToken?: boolean;
  /** Of nested calls, in no order; without them a request is its own attempt. */
  readonly attempts?: readonly Attempt[];
}

export type Attempt = Pick<Truth, 'model' | 'provider' | 'endpoint' | 'stream' | 'status'>;

export interface Tokens {
  readonly input: number;
  readonly output?: number;
}

export const KNOWN_MODELS = ['small', 'large'];

/** Names of a flood are many, and which of them were admitted is not the ledger's business: they count as one. */
export const FLOODED = 'flooded';

/** Counts by instrument and labels, as a ledger and as readings have them. */
export type Counts = Map<string, number>;

export function add(counts: Counts, instrument: string, labels: Attempt, count: number): void {
  const { model, provider, endpoint, stream, status } = labels;
  const named = model === undefined || KNOWN_MODELS.includes(model) ? model : FLOODED;
  const key = `${instrument} ${named} ${provider} ${endpoint} stream=${stream} ${status}`;
  counts.set(key, (counts.get(key) ?? 0) + count);
}

/** Keeps, beside the library, its own account of what was sent. */
export class Ledger {
  readonly counts: Counts = new Map();
  readonly byStatus = { success: 0, error: 0, cancelled: 0 };
  requests = 0;

  enter(truth: Truth): void {
    this.requests++;
    this.byStatus[truth.status]++;
    add(this.counts, 'requests_total', truth, 1);
    add(this.counts, 'request_duration_seconds', truth, 1);
    add(this.counts, 'inference_duration_seconds', truth, 1);
    if (truth.firstToken) add(this.counts, 'time_to_first_token_seconds', truth, 1);
    if (truth.tokens) {
      add(this.counts, 'tokens_per_second', truth, 1);
      add(this.counts, 'input_tokens_total', truth, truth.tokens.input);
      add(this.counts, 'output_tokens_total', truth, truth.tokens.output ?? 0);
    }
    for (const attempt of truth.attempts ?? [truth]) add(this.counts, 'attempts_total', attempt, 1);
  }
}

/** Where the two differ, as lines; none if they are equal. */
export function differences(expected: Counts, read: Counts): string[] {
  const keys = new Set([...expected.keys(), ...read.keys()]);
  return [...keys]
    .filter((key) => (expected.get(key) ?? 0) !== (read.get(key) ?? 0))
    .map((key) => `${key}: expected ${expected.get(key) ?? 0}, read ${read.get(key) ?? 0}`);
}
