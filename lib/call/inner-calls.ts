import { addUp } from '../extraction/merge-rules.js';
import type { TokenUsage } from '../extraction/token-extractor.js';
import { IntervalUnion } from './interval-union.js';

/** What the calls inside another call, its attempts, add up to. */
export class InnerCalls {
  /** Hedged attempts overlap; the time in which any of them ran counts once. */
  readonly time = new IntervalUnion();
  hasSucceeded = false;
  usage: TokenUsage | undefined;

  addUsage(usage: TokenUsage | undefined): void {
    if (usage !== undefined) this.usage = addUp(this.usage, usage);
  }
}
