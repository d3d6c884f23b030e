import type { Attributes } from '@opentelemetry/api';
import { addUp } from '../extraction/merge-rules.js';
import type { TokenUsage } from '../extraction/token-extractor.js';
import type { InferenceStatus } from '../metrics/attributes.js';
import type { LabelSet } from '../metrics/label-sets.js';
import { IntervalUnion } from './interval-union.js';

/** As much of the call around them as inner calls tell of themselves. */
export interface OuterCall {
  readonly isOver: boolean;
  /** Takes the provider of an inner call, where that has one. */
  takeProvider(provider: unknown): void;
  /** Takes the model that an inner call had, where its own is not known. */
  takeModel(model: string | undefined): void;
}

/** What the calls inside another call, its attempts, add up to. */
export class InnerCalls {
  /** Hedged attempts overlap; the time in which any of them ran counts once. */
  readonly time = new IntervalUnion();
  usage: TokenUsage | undefined = undefined;
  /** How often inner calls ended with which attributes, where that is asked for; bounded, as labels are. */
  readonly attempts: Map<Attributes, number> | undefined;
  readonly #outer: OuterCall;
  #hasSucceeded = false;

  constructor(outer: OuterCall, countsAttempts: boolean) {
    this.#outer = outer;
    this.attempts = countsAttempts ? new Map() : undefined;
  }

  entered(at: number, provider: unknown): void {
    this.time.begin(at);
    this.tried(provider);
  }

  /** The provider is that of the inner call that succeeded last, else of the last one tried. */
  tried(provider: unknown): void {
    if (!this.#outer.isOver && !this.#hasSucceeded) this.#outer.takeProvider(provider);
  }

  settled(
    at: number,
    status: InferenceStatus,
    provider: unknown,
    labels: LabelSet,
    usage: TokenUsage | undefined,
  ): void {
    if (this.#outer.isOver) return;
    this.time.end(at);
    if (this.attempts !== undefined) {
      const attributes = labels.settledAs(status);
      this.attempts.set(attributes, (this.attempts.get(attributes) ?? 0) + 1);
    }
    if (status !== 'success') return;
    this.#hasSucceeded = true;
    if (usage !== undefined) this.usage = addUp(this.usage, usage);
    this.#outer.takeProvider(provider);
    this.#outer.takeModel(labels.model);
  }

  /** An inner call turned out to be none. */
  withdrew(at: number): void {
    this.time.end(at);
  }
}
