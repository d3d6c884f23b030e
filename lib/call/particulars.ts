import type { CallTimings } from './call-timings.js';
import type { InnerCalls } from './inner-calls.js';
import type { ToldUsage } from './told-usage.js';
import type { TrackedCall } from './tracked-call.js';

/** What few calls have. The others, of which a gateway may hold a hundred thousand, have one empty field in its place. */
export class Particulars {
  /** The call around this one, of whichever tracker. */
  enclosing: TrackedCall | undefined;
  /** The call that this one is part of. */
  outer: TrackedCall | undefined;
  /** The calls that are part of this one. */
  inner: InnerCalls | undefined;
  timings: CallTimings | undefined;
  told: ToldUsage | undefined;
  hasStatedFirstToken = false;
  /** Whether the usage chunk of the stream that comes back is kept from its reader; see `withUsage`. */
  hidesUsageChunk = false;
}
