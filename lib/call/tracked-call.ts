import { type Context, context as openTelemetryContext } from '@opentelemetry/api';
import { warnOnce } from '../diagnostics.js';
import type { TokenUsage } from '../extraction/token-extractor.js';
import { isUsageUnexpected } from '../extraction/usage-asked.js';
import { hideUsageChunk } from '../extraction/usage-chunk.js';
import { follow } from '../follow/follow.js';
import type { InferenceStatus } from '../metrics/attributes.js';
import type { LabelSet } from '../metrics/label-sets.js';
import type { SettledInference } from '../metrics/settled-inference.js';
import type { InFlightTicket } from '../metrics/sinks/inference-sink.js';
import type { TrackerRuntime } from '../tracker-runtime.js';
import { CallReader } from './call-reader.js';
import { CallTimings } from './call-timings.js';
import { type AbortSignalLike, isCancellation, WeakSignal, wasLeft } from './cancellation.js';
import { stopWatching, type Watcher, watchCollection } from './collection-watch.js';
import { isWithin, joinable, unsettled } from './enclosing-calls.js';
import type { InferenceCall } from './inference-call.js';
import { InnerCalls, type OuterCall } from './inner-calls.js';
import { IntervalUnion } from './interval-union.js';
import { MeasuredSpan } from './measured-span.js';
import type { MethodPlan } from './method-plan.js';
import type { Observer, Repeat } from './observer.js';
import { bodyOf, type Running, runningCall } from './running-call.js';

/**
 * One call of a tracked method: entry, first output, settled exactly once.
 *
 * A call made inside another one of the same tracker joins it: it is followed in the same way, and at its end tells
 * the outer call instead of the sink.
 */
export class TrackedCall implements InferenceCall, Observer, OuterCall, Running {
  watchList: Watcher['watchList'] = undefined;
  watchSlot = 0;
  readonly runtime: TrackerRuntime;
  private readonly plan: MethodPlan;
  /** The call around this one, of whichever tracker. */
  readonly enclosing: TrackedCall | undefined;
  /** The call that this one is part of. */
  private readonly outer: TrackedCall | undefined;
  private readonly context: Context;
  private signal: AbortSignalLike | undefined;
  private readonly ticket: InFlightTicket;
  private labels: LabelSet;

  /** Clock readings in milliseconds. */
  private readonly enteredAt: number;
  private lastEventAt: number;
  private firstOutputAt: number | undefined = undefined;

  private isSettled = false;
  private isStream = false;
  private hasStatedFirstToken = false;
  private hidesUsageChunk: boolean;
  /** Whether the provider is known from this call, and not just the tracker's default. */
  private namedProvider: unknown;
  private needsModel: boolean;

  /** Made when there is something to read. */
  private reader: CallReader | undefined;
  private inner: InnerCalls | undefined;
  private timings: CallTimings | undefined;

  constructor(
    runtime: TrackerRuntime,
    plan: MethodPlan,
    running: TrackedCall | undefined,
    self: unknown,
    args: readonly unknown[],
    /** The call that this one repeats, with what is known of it. */
    repeated?: TrackedCall,
    /** The clock's reading at its entry, of a call that nobody heard of so far; it is not counted in flight. */
    unheardSince?: number,
  ) {
    this.enteredAt = unheardSince ?? runtime.readClock();
    this.lastEventAt = this.enteredAt;
    this.runtime = runtime;
    this.plan = plan;
    this.enclosing = unsettled(running);
    this.outer = plan.joinsOuter ? joinable(this.enclosing, runtime) : undefined;
    this.context = openTelemetryContext.active();
    this.hidesUsageChunk = isUsageUnexpected(args[0]);
    if (repeated === undefined) {
      this.signal = plan.signal(self, args);
      const model = plan.model(self, args);
      this.needsModel = plan.takesModelFromResponse && (typeof model !== 'string' || model === '');
      this.namedProvider = plan.provider(self, args);
      this.labels = runtime.labels.resolve(
        model,
        this.namedProvider ?? runtime.provider,
        plan.endpointType(self, args),
        plan.stream(self, args),
        runtime.labels.custom.merge(runtime.attributes, plan.attributes(self, args), plan.where),
      );
    } else {
      this.signal = repeated.signal;
      this.needsModel = repeated.needsModel;
      this.namedProvider = repeated.namedProvider;
      this.labels = repeated.labels;
    }
    this.ticket = this.outer === undefined && unheardSince === undefined ? this.enter() : undefined;
    this.outer?.innerCalls().entered(this.enteredAt, this.namedProvider);
    if (runtime.excludeConsumerTime) {
      this.timings = new CallTimings();
      this.timings.waits = new IntervalUnion();
      this.timings.waits.begin(this.enteredAt);
    }
    if (this.outer === undefined) runtime.abandonment?.add(this);
  }

  // What code inside the method says -------------------------------------------------------------------------------

  setModel(model: string): void {
    if (this.isSettled) return;
    const labels = this.runtime.labels.withModel(this.labels, model);
    if (labels === this.labels) return;
    this.needsModel = false;
    this.move(labels);
  }

  setProvider(provider: string): void {
    if (this.isSettled) return;
    this.namedProvider = provider;
    this.move(this.runtime.labels.withProvider(this.labels, provider));
    this.outer?.innerCalls().tried(provider);
  }

  setAttributes(attributes: Readonly<Record<string, string | number | boolean | undefined>>): void {
    if (this.isSettled) return;
    this.outer?.setAttributes(attributes);
    try {
      this.move(this.runtime.labels.withCustom(this.labels, attributes, this.plan.where));
    } catch (error) {
      warnOnce(`${this.plan.where}: setAttributes`, error);
    }
  }

  /** Asks the selectors again, where what is asked for became known only while the call ran. */
  rereads(request: unknown): void {
    if (this.isSettled) return;
    const args = [request];
    this.setModel(this.plan.model(undefined, args) as string);
    const provider = this.plan.provider(undefined, args);
    if (typeof provider === 'string') this.setProvider(provider);
    const attributes = this.plan.attributes(undefined, args);
    if (attributes !== undefined) this.setAttributes(attributes as Parameters<TrackedCall['setAttributes']>[0]);
    if (!this.isStream) this.move(this.runtime.labels.withStream(this.labels, this.plan.stream(undefined, args)));
  }

  /** The usage chunk of the stream that comes back is kept from its reader; see `withUsage`. */
  hideUsageChunk(): void {
    this.hidesUsageChunk = true;
  }

  reportUsage(usage: TokenUsage): void {
    if (this.isSettled) return;
    try {
      this.reading().report(usage);
    } catch (error) {
      warnOnce(`${this.plan.where}: reportUsage`, error);
    }
  }

  firstToken(): void {
    if (this.isSettled || this.hasStatedFirstToken) return;
    this.outer?.firstToken();
    this.hasStatedFirstToken = true;
    this.firstOutputAt = this.lastEventAt = this.runtime.readClock();
  }

  measureInference<R>(fn: () => R): R {
    const root = this.root();
    if (root.isSettled) return fn();
    const span = root.measure();
    let result: R;
    try {
      result = fn();
    } catch (error) {
      span.failed();
      throw error;
    }
    return follow(result, span, undefined) as R;
  }

  /** Begins to time the model for this call. */
  measure(): MeasuredSpan {
    const root = this.root();
    root.timings ??= new CallTimings();
    return new MeasuredSpan(root.timings.measure(), root.runtime);
  }

  // What the follower of the returned object reports ---------------------------------------------------------------

  waitsFor(promise: object): void {
    this.watch(promise);
  }

  handsOut(source: object): void {
    if (this.isSettled) return;
    const waited = this.watchList !== undefined;
    this.watch(source);
    if (this.isStream) return;
    this.isStream = true;
    if (this.hidesUsageChunk) hideUsageChunk(source);
    // A stream that came without a promise was handed out at the call's entry, as far as anybody can tell.
    if (waited || this.runtime.excludeConsumerTime) this.lastEventAt = this.runtime.readClock();
    this.timings?.waits?.end(this.lastEventAt);
    this.move(this.runtime.labels.withStream(this.labels, true));
  }

  pulling(): void {
    if (!this.isSettled) this.timings?.waits?.begin(this.runtime.readClock());
  }

  item(chunk: unknown): void {
    if (this.isSettled) return;
    const reader = this.reading();
    // Not read per chunk: the tracker's latest reading, made by whichever of its calls, costs nothing.
    this.lastEventAt = this.runtime.readsClockPerChunk
      ? this.runtime.readClock()
      : (this.runtime.latestReading as number);
    this.timings?.waits?.end(this.lastEventAt);
    if (this.runtime.timesChunks) this.timeChunk();
    if (reader.read(chunk) && !this.hasStatedFirstToken) {
      this.lastEventAt = this.runtime.readClock();
      this.firstOutputAt = this.lastEventAt;
    }
    this.takeModel(reader.model);
    if (this.plan.usage !== undefined) this.askForUsage(reader, chunk);
  }

  value(response: unknown): void {
    if (this.isSettled) return;
    try {
      if (this.isHeard()) this.readWhole(response);
    } catch (error) {
      warnOnce(`${this.plan.where}: reading the response`, error);
    }
    this.settle('success', undefined);
  }

  ended(signal?: AbortSignalLike): void {
    if (this.isSettled) return;
    const cut = signal?.aborted === true ? signal : this.signal;
    if (this.reader?.finished === true || cut?.aborted !== true) this.settle('success', undefined);
    else this.settle(wasLeft(cut) ? 'cancelled' : 'error', cut.reason);
  }

  failed(error: unknown): void {
    if (this.isSettled) return;
    let cancelled = false;
    try {
      cancelled = isCancellation(error, this.signal);
    } catch {
      // An error that cannot be looked at is an error.
    }
    this.settle(cancelled ? 'cancelled' : 'error', error);
  }

  left(): void {
    this.settle(this.reader?.finished === true ? 'success' : 'cancelled', undefined);
  }

  collected(): void {
    this.settle(this.reader?.finished === true ? 'success' : 'cancelled', undefined, this.lastEventAt);
  }

  /** As if collected: whoever held the stream has been silent for too long. */
  abandoned(): void {
    this.collected();
  }

  get call(): this {
    return this;
  }

  /** Whether async context carries this call; for one that nobody hears of it would not be worth its price. */
  get usesAsyncContext(): boolean {
    return this.runtime.asyncContext && this.root().ticket !== undefined;
  }

  get lastSignAt(): number {
    return this.lastEventAt;
  }

  get isOver(): boolean {
    return this.isSettled;
  }

  sharesWith(earlier: Observer): boolean {
    if (!(earlier instanceof TrackedCall) || earlier.runtime !== this.runtime || !this.plan.joinsOuter) return true;
    if (isWithin(earlier, this)) return true;
    this.withdraw();
    return false;
  }

  repeats(): readonly Repeat[] {
    const { runtime, plan } = this;
    this.withdraw();
    const begin = () => {
      const again = new TrackedCall(runtime, plan, runningCall(), undefined, [], this);
      return { observer: again, runBody: bodyOf(again) };
    };
    return [{ key: plan, begin }];
  }

  // The one door ---------------------------------------------------------------------------------------------------

  private settle(outcome: InferenceStatus, error: unknown, at?: number): void {
    if (this.isSettled) return;
    this.isSettled = true;
    try {
      if (this.outer === undefined) {
        stopWatching(this);
        this.runtime.abandonment?.delete(this);
      }
      if (!this.isHeard()) return;
      const end = at ?? this.runtime.readClock();
      // The response's own word that the generation failed goes before how its stream ended.
      const status = this.reader?.failed === true ? 'error' : outcome;
      if (this.outer !== undefined) {
        this.outer.innerCalls().settled(end, status, this.namedProvider, this.labels, this.usage());
      } else {
        this.record(status === 'cancelled' ? this.runtime.cancelledAs : status, error, end);
      }
    } catch (problem) {
      warnOnce(`${this.plan.where}: settling`, problem);
    } finally {
      this.reader = undefined;
    }
  }

  /** The other way out, for what turns out to be no call of its own: the count goes back, nothing is recorded. */
  private withdraw(): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.reader = undefined;
    try {
      if (this.outer !== undefined) {
        this.outer.innerCalls().withdrew(this.runtime.readClock());
        return;
      }
      stopWatching(this);
      this.runtime.abandonment?.delete(this);
      this.runtime.sink.withdrawn(this.ticket, this.labels, this.context);
    } catch (problem) {
      warnOnce(`${this.plan.where}: withdrawing`, problem);
    }
  }

  private record(status: InferenceStatus, error: unknown, end: number): void {
    const usage = this.usage();
    const requestSeconds = (end - this.enteredAt) / 1000;
    const tokens = this.runtime.throughput === 'output' ? usage?.outputTokens : usage?.totalTokens;
    const responseModel = this.reader?.model;
    const firstChunkAt = this.timings?.firstChunkAt;
    const settled: SettledInference = {
      labels: this.labels,
      status,
      context: this.context,
      requestSeconds,
      inferenceSeconds: this.inferenceSeconds(usage, end),
      firstTokenSeconds: this.firstTokenSeconds(),
      tokensPerSecond: tokens !== undefined && tokens > 0 && requestSeconds > 0 ? tokens / requestSeconds : undefined,
      usage,
      error,
      errorType: status === 'error' ? this.runtime.errorTypes.of(error) : undefined,
      responseModel: responseModel === undefined ? undefined : this.runtime.labels.responseModel(responseModel),
      firstChunkSeconds: firstChunkAt === undefined ? undefined : (firstChunkAt - this.enteredAt) / 1000,
      attempts: this.inner?.attempts,
    };
    this.runtime.sink.settled(this.ticket, settled);
    this.runtime.report(settled, this.plan.where);
  }

  /** Own figures first: measured, stated by the backend, spent in inner calls, waited for; at last the whole call. */
  private inferenceSeconds(usage: TokenUsage | undefined, end: number): number {
    const { measured, waits } = this.timings ?? NO_TIMINGS;
    if (measured !== undefined) return measured.until(end) / 1000;
    if (usage?.inferenceSeconds !== undefined) return usage.inferenceSeconds;
    if (this.inner !== undefined) return this.inner.time.until(end) / 1000;
    if (waits !== undefined && this.isStream) return waits.until(end) / 1000;
    return (end - this.enteredAt) / 1000;
  }

  private firstTokenSeconds(): number | undefined {
    if (!this.labels.stream || this.firstOutputAt === undefined) return undefined;
    // What looked like output before the stream was recognised may turn out not to be.
    if (!this.hasStatedFirstToken && this.reader?.sawOutput !== true) return undefined;
    return (this.firstOutputAt - this.enteredAt) / 1000;
  }

  private usage(): TokenUsage | undefined {
    return this.reader === undefined ? this.inner?.usage : this.reader.total(this.inner?.usage);
  }

  // Inner calls ----------------------------------------------------------------------------------------------------

  takeProvider(provider: unknown): void {
    if (typeof provider !== 'string' || provider === '') return;
    this.namedProvider = provider;
    this.move(this.runtime.labels.withProvider(this.labels, provider));
    this.outer?.innerCalls().tried(provider);
  }

  takeModel(model: string | undefined): void {
    if (this.needsModel && model !== undefined) this.setModel(model);
  }

  private innerCalls(): InnerCalls {
    this.inner ??= new InnerCalls(this, this.runtime.countsAttempts);
    return this.inner;
  }

  private root(): TrackedCall {
    return this.outer === undefined ? this : this.outer.root();
  }

  // Shared steps ---------------------------------------------------------------------------------------------------

  private enter(): InFlightTicket {
    try {
      return this.runtime.sink.entered(this.labels, this.context);
    } catch (error) {
      warnOnce(`${this.plan.where}: entering`, error);
      return undefined;
    }
  }

  private move(labels: LabelSet): void {
    const before = this.labels;
    if (labels === before) return;
    this.labels = labels;
    if (this.outer !== undefined) return;
    try {
      this.runtime.sink.moved(this.ticket, before, labels, this.context);
    } catch (error) {
      warnOnce(`${this.plan.where}: moving`, error);
    }
  }

  private watch(target: object): void {
    if (this.ticket === undefined || this.isSettled) return;
    // Who listens to a signal is reachable from it, and that may be the very stream.
    if (this.signal !== undefined && !(this.signal instanceof WeakSignal)) this.signal = new WeakSignal(this.signal);
    watchCollection(target, this);
  }

  /** Whether anybody will hear how this call ended. For nobody no response is read, nor the clock. */
  private isHeard(): boolean {
    if (this.outer !== undefined) return this.outer.isHeard();
    return this.ticket !== undefined || this.runtime.isHeard();
  }

  private readWhole(response: unknown): void {
    const reader = this.reading();
    reader.readWhole(response);
    this.takeModel(reader.model);
    if (this.plan.usage !== undefined) this.askForUsage(reader, response);
    // Nothing came back to correct the request's word where the method returns nothing.
    if (!this.plan.statesStream && response !== undefined && response !== null) {
      this.move(this.runtime.labels.withStream(this.labels, false));
    }
  }

  private reading(): CallReader {
    this.reader ??= new CallReader(this.runtime.extractors, this.plan.extractorIn(this.runtime.extractors));
    return this.reader;
  }

  private timeChunk(): void {
    this.timings ??= new CallTimings();
    const since = this.timings.sinceLatestChunk(this.lastEventAt);
    if (since === undefined) return;
    try {
      this.runtime.sink.chunkPassed?.(this.ticket, this.labels, since / 1000, this.context);
    } catch (error) {
      warnOnce(`${this.plan.where}: timing a chunk`, error);
    }
  }

  private askForUsage(reader: CallReader, item: unknown): void {
    try {
      reader.select(this.plan.usage?.(item));
    } catch (error) {
      warnOnce(`${this.plan.where}: option "usage"`, error);
    }
  }
}

const NO_TIMINGS: Partial<CallTimings> = /* @__PURE__ */ Object.freeze({});
