import {
  type Attributes,
  type Context,
  createNoopMeter,
  type Meter,
  type Observable,
  type ObservableCallback,
  ROOT_CONTEXT,
} from '@opentelemetry/api';
import { warnOnce } from '../../diagnostics.js';
import { atTurnEnd } from '../../turn-end.js';
import type { ManualInstrument } from './inference-sink.js';

/** What an OpenTelemetry counter of either kind can do. */
export interface AnyCounter {
  add(value: number, attributes?: Attributes, context?: Context): void;
}

/** What one counter has to be told of one attribute set. */
interface Count {
  readonly counter: AnyCounter;
  readonly attributes: Attributes;
  untold: number;
  /** Whether the counter has heard of these attributes since the latest collection. */
  isStarted: boolean;
}

/** An instrument that nobody sees: without observations it is not exported. */
const BEACON = 'track_inference_collection';

/**
 * Adds up what the counters of one meter count between two collections, and tells them when a reader collects: a sum can be
 * told at once, where a histogram needs each value. The SDK hashes the attributes of every `add`, a tenth of what a request
 * costs.
 *
 * A collection begins by running the callbacks of the meter's observable instruments; what is added in one is part of
 * that same collection. The first of each series is told as it comes, so that its points start when they started. What has
 * a context of its own, such as a span's, is told as it comes as well.
 */
export class DeferredCounts {
  readonly #beacon: Observable | undefined;
  #started: Count[] = [];
  #isAwaited = false;
  #isBeingCollected = false;

  constructor(meter: Meter) {
    this.#beacon = beacon(meter);
  }

  /** The counter with its additions put off; the attributes have to be interned, and never changed. */
  of(counter: AnyCounter): ManualInstrument {
    if (this.#beacon === undefined) return counter;
    const counts = new Map<Attributes, Count>();
    return {
      add: (value, attributes = NONE, context = ROOT_CONTEXT) => {
        let count = counts.get(attributes);
        if (count === undefined) {
          count = { counter, attributes, untold: 0, isStarted: false };
          counts.set(attributes, count);
        }
        if (count.isStarted && context === ROOT_CONTEXT) {
          count.untold += value;
          return;
        }
        counter.add(value, attributes, context);
        // While a reader collects, all records of a call must be in the same collection.
        if (!count.isStarted && !this.#isBeingCollected) this.#start(count);
      },
    };
  }

  #start(count: Count): void {
    count.isStarted = true;
    this.#started.push(count);
    if (this.#isAwaited) return;
    this.#isAwaited = true;
    this.#beacon?.addCallback(this.#tell);
  }

  readonly #tell: ObservableCallback = () => {
    const started = this.#started;
    this.#started = [];
    for (const count of started) {
      const { counter, attributes, untold } = count;
      count.untold = 0;
      count.isStarted = false;
      try {
        if (untold !== 0) counter.add(untold, attributes, ROOT_CONTEXT);
      } catch (error) {
        warnOnce('MeterProvider', error);
      }
    }
    this.#isBeingCollected = true;
    atTurnEnd(this.#wasCollected);
  };

  /** With nothing left to tell, the meter does not hold on to us: its tracker may be gone by now. */
  readonly #wasCollected = (): void => {
    this.#isBeingCollected = false;
    if (!this.#isAwaited || this.#started.length > 0) return;
    this.#isAwaited = false;
    this.#beacon?.removeCallback(this.#tell);
  };
}

const NONE: Attributes = /* @__PURE__ */ Object.freeze({});

/** Undefined where nobody would call back: a meter that is not OpenTelemetry's own may know no observable instruments. */
function beacon(meter: Meter): Observable | undefined {
  try {
    const made = meter.createObservableGauge(BEACON);
    const isNoop = made.constructor === createNoopMeter().createObservableGauge(BEACON).constructor;
    return isNoop ? undefined : made;
  } catch {
    return undefined;
  }
}
