import type { Attributes } from '@opentelemetry/api';
import { addUp } from '../extraction/merge-rules.js';
import type { TokenUsage } from '../extraction/token-extractor.js';
import { IntervalUnion } from './interval-union.js';

/** What the calls inside another call, its attempts, add up to. */
export class InnerCalls {
  /** Hedged attempts overlap; the time in which any of them ran counts once. */
  readonly time = new IntervalUnion();
  hasSucceeded = false;
  usage: TokenUsage | undefined;

  /** How often inner calls ended with which attributes; bounded, as labels are. */
  attempts: Map<Attributes, number> | undefined;

  addAttempt(attributes: Attributes): void {
    this.attempts ??= new Map();
    this.attempts.set(attributes, (this.attempts.get(attributes) ?? 0) + 1);
  }

  addUsage(usage: TokenUsage | undefined): void {
    if (usage !== undefined) this.usage = addUp(this.usage, usage);
  }
}
