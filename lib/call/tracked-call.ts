import { type Context, context as openTelemetryContext } from '@opentelemetry/api';
import { warnOnce } from '../diagnostics.js';
import type { TokenExtractorRegistry } from '../extraction/registry.js';
import { StreamReading } from '../extraction/stream-reader.js';
import type { TokenUsage } from '../extraction/token-extractor.js';
import { isUsageUnexpected } from '../extraction/usage-asked.js';
import { hideUsageChunk } from '../extraction/usage-chunk.js';
import { follow } from '../follow/follow.js';
import type { InferenceStatus } from '../metrics/attributes.js';
import type { LabelSet } from '../metrics/label-sets.js';
import type { SettledInference } from '../metrics/settled-inference.js';
import type { InFlightTicket } from '../metrics/sinks/inference-sink.js';
import type { TrackerRuntime } from '../tracker-runtime.js';
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
import { Particulars } from './particulars.js';
import { bodyOf, type Running, runningCall } from './running-call.js';
import { ToldUsage } from './told-usage.js';

/**
 * One call of a tracked method: entry, first output, settled exactly once.
 *
 * A call made inside another one of the same tracker joins it: it is followed in the same way, and at its end tells
 * the outer call instead of the sink.
 *
 * It is the reading of its own response, not the owner of one: two objects for each stream in flight would be one too many.
 */
export class TrackedCall extends StreamReading implements InferenceCall, Observer, OuterCall, Running {
  watched: Watcher['watched'];
  watchSlot = 0;
  readonly runtime: TrackerRuntime;
  private readonly plan: MethodPlan;
  private readonly context: Context;
  private signal: AbortSignalLike | undefined;
  private readonly ticket: InFlightTicket;
  private labels: LabelSet;
  /** The provider as this call named it; undefined where it is just the tracker's default. */
  private namedProvider: unknown;
  private phase: 'begun' | 'streaming' | 'settled' = 'begun';

  /** Clock readings in milliseconds. */
  private readonly enteredAt: number;
  private lastEventAt: number;
  private firstOutputAt: number | undefined;

  private particulars: Particulars | undefined;

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
    super(plan.extractorIn(runtime.extractors));
    this.enteredAt = unheardSince ?? runtime.readClock();
    this.lastEventAt = this.enteredAt;
    this.runtime = runtime;
    this.plan = plan;
    if (running !== undefined) this.join(running);
    this.context = openTelemetryContext.active();
    if (isUsageUnexpected(args[0])) this.rare().hidesUsageChunk = true;
    if (repeated === undefined) {
      this.signal = plan.signal(self, args);
      this.namedProvider = plan.provider(self, args);
      this.labels = runtime.labels.resolve(
        plan.model(self, args),
        this.namedProvider ?? runtime.provider,
        plan.endpointType(self, args),
        plan.stream(self, args),
        runtime.labels.custom.merge(runtime.attributes, plan.attributes(self, args), plan.where),
      );
    } else {
      this.signal = repeated.signal;
      this.namedProvider = repeated.namedProvider;
      this.labels = repeated.labels;
    }
    this.ticket = this.outer === undefined && unheardSince === undefined ? this.enter() : undefined;
    this.outer?.innerCalls().entered(this.enteredAt, this.namedProvider);
    if (runtime.excludeConsumerTime) {
      const waits = new IntervalUnion();
      waits.begin(this.enteredAt);
      this.timings().waits = waits;
    }
    if (this.outer === undefined) runtime.abandonment?.add(this);
  }

  // What code inside the method says -------------------------------------------------------------------------------

  setModel(model: string): void {
    if (this.isOver) return;
    const labels = this.runtime.labels.withModel(this.labels, model);
    if (labels === this.labels) return;
    this.move(labels);
  }

  setProvider(provider: string): void {
    if (this.isOver) return;
    this.namedProvider = provider;
    this.move(this.runtime.labels.withProvider(this.labels, provider));
    this.outer?.innerCalls().tried(provider);
  }

  setAttributes(attributes: Readonly<Record<string, string | number | boolean | undefined>>): void {
    if (this.isOver) return;
    this.outer?.setAttributes(attributes);
    try {
      this.move(this.runtime.labels.withCustom(this.labels, attributes, this.plan.where));
    } catch (error) {
      warnOnce(`${this.plan.where}: setAttributes`, error);
    }
  }

  /** Asks the selectors again, where what is asked for became known only while the call ran. */
  rereads(request: unknown): void {
    if (this.isOver) return;
    const args = [request];
    this.setModel(this.plan.model(undefined, args) as string);
    const provider = this.plan.provider(undefined, args);
    if (typeof provider === 'string') this.setProvider(provider);
    const attributes = this.plan.attributes(undefined, args);
    if (attributes !== undefined) this.setAttributes(attributes as Parameters<TrackedCall['setAttributes']>[0]);
    if (this.phase !== 'streaming') {
      this.move(this.runtime.labels.withStream(this.labels, this.plan.stream(undefined, args)));
    }
  }

  /** The usage chunk of the stream that comes back is kept from its reader; see `withUsage`. */
  hideUsageChunk(): void {
    this.rare().hidesUsageChunk = true;
  }

  reportUsage(usage: TokenUsage): void {
    if (this.isOver) return;
    try {
      this.told().report(usage);
    } catch (error) {
      warnOnce(`${this.plan.where}: reportUsage`, error);
    }
  }

  firstToken(): void {
    if (this.isOver || this.particulars?.hasStatedFirstToken === true) return;
    this.outer?.firstToken();
    this.rare().hasStatedFirstToken = true;
    this.firstOutputAt = this.lastEventAt = this.runtime.readClock();
  }

  measureInference<R>(fn: () => R): R {
    const root = this.root();
    if (root.isOver) return fn();
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
    return new MeasuredSpan(root.timings().measure(), root.runtime);
  }

  // What the follower of the returned object reports ---------------------------------------------------------------

  waitsFor(promise: object): void {
    this.watch(promise);
  }

  handsOut(source: object): void {
    if (this.isOver) return;
    const waited = this.watched !== undefined;
    this.watch(source);
    if (this.phase === 'streaming') return;
    this.phase = 'streaming';
    if (this.particulars?.hidesUsageChunk === true) hideUsageChunk(source);
    // A stream that came without a promise was handed out at the call's entry, as far as anybody can tell.
    if (waited || this.runtime.excludeConsumerTime) this.lastEventAt = this.runtime.readClock();
    this.particulars?.timings?.waits?.end(this.lastEventAt);
    this.move(this.runtime.labels.withStream(this.labels, true));
  }

  pulling(): void {
    if (!this.isOver) this.particulars?.timings?.waits?.begin(this.runtime.readClock());
  }

  item(chunk: unknown): void {
    if (this.phase === 'settled') return;
    if (this.runtime.readsClockPerChunk) this.timeChunk();
    // The tracker's latest reading, made by whichever of its calls, costs nothing.
    else this.lastEventAt = this.runtime.latestReading as number;
    // Most chunks end here, in one piece of compiled code.
    if (this.isMere(chunk) && !this.plan.asksForUsage) return;
    this.lookInto(chunk);
  }

  value(response: unknown): void {
    if (this.isOver) return;
    try {
      if (this.isHeard()) this.takeWhole(response);
    } catch (error) {
      warnOnce(`${this.plan.where}: reading the response`, error);
    }
    this.settle('success', undefined);
  }

  ended(signal?: AbortSignalLike): void {
    if (this.isOver) return;
    let status: InferenceStatus = 'success';
    let reason: unknown;
    try {
      const cut = signal?.aborted === true ? signal : this.signal;
      if (!this.saidFinished && cut?.aborted === true) {
        status = wasLeft(cut) ? 'cancelled' : 'error';
        reason = cut.reason;
      }
    } catch {
      // A signal that cannot be looked at tells nothing.
    }
    this.settle(status, reason);
  }

  failed(error: unknown): void {
    if (this.isOver) return;
    let cancelled = false;
    try {
      cancelled = isCancellation(error, this.signal);
    } catch {
      // An error that cannot be looked at is an error.
    }
    this.settle(cancelled ? 'cancelled' : 'error', error);
  }

  left(): void {
    this.settle(this.saidFinished ? 'success' : 'cancelled', undefined);
  }

  /** Nobody can reach the promise or the stream any more. */
  collected(): void {
    this.settle(this.saidFinished ? 'success' : 'cancelled', undefined, this.lastEventAt);
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
    return this.phase === 'settled';
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
    if (this.isOver) return;
    this.phase = 'settled';
    try {
      if (this.outer === undefined) {
        stopWatching(this);
        this.runtime.abandonment?.delete(this);
      }
      if (!this.isHeard()) return;
      const end = at ?? this.runtime.readClock();
      // The response's own word that the generation failed goes before how its stream ended.
      const status = this.saidFailed ? 'error' : outcome;
      if (this.outer !== undefined) {
        this.outer.innerCalls().settled(end, status, this.namedProvider, this.labels, this.tokens());
      } else {
        this.record(status === 'cancelled' ? this.runtime.cancelledAs : status, error, end);
      }
    } catch (problem) {
      warnOnce(`${this.plan.where}: settling`, problem);
    }
  }

  /** The other way out, for what turns out to be no call of its own: the count goes back, nothing is recorded. */
  private withdraw(): void {
    if (this.isOver) return;
    this.phase = 'settled';
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
    const usage = this.tokens();
    const { timings, inner } = this.particulars ?? NO_PARTICULARS;
    const requestSeconds = (end - this.enteredAt) / 1000;
    const tokens = this.runtime.throughput === 'output' ? usage?.outputTokens : usage?.totalTokens;
    const { model } = this;
    const firstChunkAt = timings?.firstChunkAt;
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
      responseModel: model === undefined ? undefined : this.runtime.labels.responseModel(model),
      firstChunkSeconds: firstChunkAt === undefined ? undefined : (firstChunkAt - this.enteredAt) / 1000,
      attempts: inner?.attempts,
    };
    this.runtime.sink.settled(this.ticket, settled);
    this.runtime.report(settled, this.plan.where);
  }

  /** Own figures first: measured, stated by the backend, spent in inner calls, waited for; at last the whole call. */
  private inferenceSeconds(usage: TokenUsage | undefined, end: number): number {
    const { timings, inner } = this.particulars ?? NO_PARTICULARS;
    if (timings?.measured !== undefined) return timings.measured.until(end) / 1000;
    if (usage?.inferenceSeconds !== undefined) return usage.inferenceSeconds;
    if (inner !== undefined) return inner.time.until(end) / 1000;
    if (timings?.waits !== undefined) return timings.waits.until(end) / 1000;
    return (end - this.enteredAt) / 1000;
  }

  private firstTokenSeconds(): number | undefined {
    if (!this.labels.stream || this.firstOutputAt === undefined) return undefined;
    // What looked like output before the stream was recognised may turn out not to be.
    if (!this.sawOutput && this.particulars?.hasStatedFirstToken !== true) return undefined;
    return (this.firstOutputAt - this.enteredAt) / 1000;
  }

  private tokens(): TokenUsage | undefined {
    const { told, inner } = this.particulars ?? NO_PARTICULARS;
    const stated = this.usage ?? inner?.usage;
    return told === undefined ? stated : told.total(stated);
  }

  // Inner calls ----------------------------------------------------------------------------------------------------

  takeProvider(provider: unknown): void {
    if (typeof provider !== 'string' || provider === '') return;
    this.namedProvider = provider;
    this.move(this.runtime.labels.withProvider(this.labels, provider));
    this.outer?.innerCalls().tried(provider);
  }

  takeModel(model: string | undefined): void {
    if (model !== undefined && this.labels.model === undefined && this.plan.takesModelFromResponse)
      this.setModel(model);
  }

  private join(running: TrackedCall): void {
    const enclosing = unsettled(running);
    if (enclosing === undefined) return;
    const particulars = this.rare();
    particulars.enclosing = enclosing;
    particulars.outer = this.plan.joinsOuter ? joinable(enclosing, this.runtime) : undefined;
  }

  /** The call around this one, of whichever tracker. */
  get enclosing(): TrackedCall | undefined {
    return this.particulars?.enclosing;
  }

  /** The call that this one is part of. */
  private get outer(): TrackedCall | undefined {
    return this.particulars?.outer;
  }

  private innerCalls(): InnerCalls {
    const particulars = this.rare();
    particulars.inner ??= new InnerCalls(this, this.runtime.countsAttempts);
    return particulars.inner;
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
    if (this.ticket === undefined || this.isOver) return;
    // Who listens to a signal is reachable from it, and that may be the very stream.
    if (this.signal !== undefined && !(this.signal instanceof WeakSignal)) this.signal = new WeakSignal(this.signal);
    watchCollection(target, this);
  }

  /** Whether anybody will hear how this call ended. For nobody no response is read, nor the clock. */
  private isHeard(): boolean {
    if (this.outer !== undefined) return this.outer.isHeard();
    return this.ticket !== undefined || this.runtime.isHeard();
  }

  private takeWhole(response: unknown): void {
    this.readWhole(response);
    this.takeModel(this.model);
    if (this.plan.asksForUsage) this.askForUsage(response);
    // Nothing came back to correct the request's word where the method returns nothing.
    if (!this.plan.statesStream && response !== undefined && response !== null) {
      this.move(this.runtime.labels.withStream(this.labels, false));
    }
  }

  protected override get registry(): TokenExtractorRegistry {
    return this.runtime.extractors;
  }

  private lookInto(chunk: unknown): void {
    if (this.readAs(chunk, false) && this.particulars?.hasStatedFirstToken !== true) {
      this.firstOutputAt = this.lastEventAt = this.runtime.readClock();
    }
    if (this.labels.model === undefined) this.takeModel(this.model);
    if (this.plan.asksForUsage) this.askForUsage(chunk);
  }

  /** For options that need the time of each chunk. */
  private timeChunk(): void {
    const now = this.runtime.readClock();
    this.lastEventAt = now;
    this.particulars?.timings?.waits?.end(now);
    if (!this.runtime.timesChunks) return;
    const since = this.timings().sinceLatestChunk(now);
    if (since === undefined) return;
    try {
      this.runtime.sink.chunkPassed?.(this.ticket, this.labels, since / 1000, this.context);
    } catch (error) {
      warnOnce(`${this.plan.where}: timing a chunk`, error);
    }
  }

  private askForUsage(item: unknown): void {
    const usage = this.plan.usage(item);
    if (usage === undefined) return;
    try {
      this.told().select(usage);
    } catch (error) {
      warnOnce(`${this.plan.where}: option "usage"`, error);
    }
  }

  private rare(): Particulars {
    this.particulars ??= new Particulars();
    return this.particulars;
  }

  private timings(): CallTimings {
    const particulars = this.rare();
    particulars.timings ??= new CallTimings();
    return particulars.timings;
  }

  private told(): ToldUsage {
    const particulars = this.rare();
    particulars.told ??= new ToldUsage();
    return particulars.told;
  }
}

const NO_PARTICULARS: Partial<Particulars> = /* @__PURE__ */ Object.freeze({});
