import type { ConformanceSubject } from './conformance.js';
import type { Exit } from './conformance-exits.js';
import type { MetricRow } from './metric-rows.js';
import { Backend, type RequestSignal } from './scripted-backend.js';
import type { TestTracker } from './test-tracker.js';

/** What the backend of a run has to say. */
export interface Material {
  readonly chunks: readonly unknown[];
  readonly response: unknown;
  readonly totalTokens: number | null;
}

declare const AbortController: new () => { readonly signal: RequestSignal; abort(): void };

type AnyIterator = Partial<AsyncGenerator<unknown, unknown, undefined>>;

/** Taken before a test can fake it. */
const { setTimeout } = globalThis as unknown as { setTimeout(run: () => void, milliseconds: number): unknown };
const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

/** How long the chunks take to come, by the tracker's clock. */
const STEP_MILLISECONDS = 100;
/** Bounds on the waiting for what should come at once, and for what needs a garbage collector. */
const TURNS = 50;
const COLLECTIONS = 12;
const SILENCE_MILLISECONDS = 3_600_000;

/** One call that ends in one way. */
export class ExitRun {
  readonly #problems: string[] = [];
  readonly #backend: Backend;
  readonly #controller = new AbortController();
  readonly #received: unknown[] = [];
  #error: { readonly thrown: unknown } | undefined;
  #returned: unknown;

  constructor(
    private readonly exit: Exit,
    private readonly subject: ConformanceSubject,
    private readonly tracker: TestTracker,
    private readonly material: Material,
  ) {
    const script = {
      ...exit.script,
      before: (chunk: number) => {
        tracker.clock.advance(STEP_MILLISECONDS);
        if (chunk === exit.abortsBefore) this.#controller.abort();
      },
    };
    this.#backend = new Backend(script, material.chunks, material.response, this.#controller.signal);
  }

  /** Makes the call, lets the consumer do its part, and compares what was recorded with what happened. */
  async problems(): Promise<readonly string[]> {
    const before = await this.tracker.rows();
    const { of, consumer } = this.exit;
    if (consumer === 'drops it') await this.#drop(before);
    else {
      try {
        this.#returned = await this.#call();
        if (of === 'stream') await this.#consume(this.#returned);
      } catch (error) {
        this.#error = { thrown: error };
      }
    }
    const counted = await this.#settled(before);
    this.#checkCount(counted);
    this.#checkInFlight(await this.tracker.rows('concurrent_requests'), before);
    await this.#checkMeasurements(before);
    this.#checkCaller();
    this.#checkBackend();
    return this.#problems;
  }

  #call(): unknown {
    const { stream, response } = this.subject;
    return (this.exit.of === 'stream' ? stream : response)?.(this.#backend);
  }

  async #consume(returned: unknown): Promise<void> {
    const iterator = this.#iterator(returned);
    switch (this.exit.consumer) {
      case 'leaves before the first':
        await iterator.return?.(undefined);
        return;
      case 'leaves after one':
        await this.#take(iterator);
        await iterator.return?.(undefined);
        return;
      case 'throws in': {
        await this.#take(iterator);
        const thrown = new Error('thrown in by the consumer');
        // Not every iterator can be thrown into; such a consumer can only leave.
        if (typeof iterator.throw !== 'function') await iterator.return?.(undefined);
        else await Promise.resolve(iterator.throw(thrown)).catch(() => {});
        return;
      }
      case 'stops after one': {
        await this.#take(iterator);
        await this.#stop();
        break;
      }
    }
    while (await this.#take(iterator));
  }

  #iterator(returned: unknown): AnyIterator {
    const source = (this.subject.read?.(returned as never) ?? returned) as Partial<
      AsyncIterable<unknown> & Iterable<unknown>
    >;
    const iterate = source?.[Symbol.asyncIterator] ?? source?.[Symbol.iterator];
    if (typeof iterate !== 'function') {
      throw new TypeError('what the method returned cannot be iterated; say with "read" how a consumer reads it');
    }
    return Reflect.apply(iterate, source, []) as AnyIterator;
  }

  async #take(iterator: AnyIterator): Promise<boolean> {
    const result = await iterator.next?.();
    if (result === undefined || result.done) return false;
    this.#received.push(result.value);
    return true;
  }

  /** The consumer is silent: nothing may be asked of the backend for it, and nothing may be settled. */
  async #stop(): Promise<void> {
    this.tracker.clock.advance(SILENCE_MILLISECONDS);
    for (let i = 0; i < 5; i++) await turn();
    const allowed = 1 + (this.subject.readAhead ?? 0);
    if (this.#backend.pulled > allowed) {
      this.#say(
        `the backend was asked for ${this.#backend.pulled} chunks by a consumer that read one; allowed: ${allowed}`,
      );
    }
    const inFlight = sum(await this.tracker.rows('concurrent_requests'));
    if (inFlight !== 1) this.#say(`${inFlight} requests are in flight while the consumer is silent; it is 1`);
  }

  async #drop(before: readonly MetricRow[]): Promise<void> {
    // In a function of its own, so that nothing of the call stays on the stack.
    await (async () => {
      await this.#call();
    })();
    const { gc } = globalThis as unknown as { gc(): void };
    for (let i = 0; i < COLLECTIONS && (await this.#counted(before)).length === 0; i++) {
      gc();
      await turn();
    }
  }

  async #settled(before: readonly MetricRow[]): Promise<readonly MetricRow[]> {
    for (let i = 0; i < TURNS; i++) {
      const counted = await this.#counted(before);
      if (counted.length > 0) return counted;
      await turn();
    }
    return [];
  }

  async #counted(before: readonly MetricRow[]): Promise<readonly MetricRow[]> {
    return since(before, await this.tracker.rows('requests_total'));
  }

  #checkCount(counted: readonly MetricRow[]): void {
    const { status } = this.exit;
    const [row] = counted;
    if (row === undefined) this.#say(`no request was counted; it ends with status ${status}`);
    else if (counted.length > 1 || row.value !== 1) {
      this.#say(`${sum(counted)} requests were counted (${counted.map(statusOf).join(', ')}); it is one`);
    } else if (row.attributes['status'] !== status) this.#say(`the status is ${statusOf(row)}; it is ${status}`);
  }

  #checkInFlight(rows: readonly MetricRow[], before: readonly MetricRow[]): void {
    for (const row of since(before, rows)) {
      this.#say(`concurrent_requests of ${JSON.stringify(row.attributes)} is left at ${row.value}`);
    }
  }

  async #checkMeasurements(before: readonly MetricRow[]): Promise<void> {
    const of = async (name: string) => since(before, await this.tracker.rows(name));
    for (const name of ['request_duration_seconds', 'inference_duration_seconds']) {
      const count = sum(await of(name));
      if (count !== 1) this.#say(`${name} has ${count} records; it is one`);
    }
    if (this.exit.status !== 'success') return;
    const seconds = (await of('request_duration_seconds'))[0]?.sum ?? 0;
    const rate = (await of('tokens_per_second'))[0]?.sum;
    const tokens = rate === undefined ? null : Math.round(rate * seconds);
    if (tokens !== this.material.totalTokens) {
      this.#say(`${tokens ?? 'no'} tokens were read; the backend states ${this.material.totalTokens ?? 'none'}`);
    }
    if (this.exit.of !== 'stream') return;
    const firstTokens = sum(await of('time_to_first_token_seconds'));
    if (firstTokens !== 1) this.#say(`time_to_first_token_seconds has ${firstTokens} records; it is one`);
  }

  #checkCaller(): void {
    const { script, of, abortsBefore } = this.exit;
    if (script?.error !== undefined && this.#error?.thrown !== script.error) {
      const got = this.#error === undefined ? 'none' : String(this.#error.thrown);
      this.#say(`the caller did not get the backend's own error, but ${got}`);
    }
    if (script?.error === undefined && abortsBefore === undefined && this.#error !== undefined) {
      this.#say(`the caller got an error: ${String(this.#error.thrown)}`);
    }
    if (this.exit.status !== 'success' || this.subject.changesItems) return;
    if (of === 'response' ? this.#returned !== this.material.response : !this.#gotAllItems()) {
      this.#say('the caller did not get the very objects that the backend sent, all of them and in their order');
    }
  }

  #gotAllItems(): boolean {
    const { chunks } = this.material;
    return this.#received.length === chunks.length && chunks.every((chunk, i) => this.#received[i] === chunk);
  }

  #checkBackend(): void {
    const { streamsOpened, streamsClosed, responses } = this.#backend;
    if (this.exit.consumer === 'drops it') return;
    if (streamsClosed < streamsOpened) this.#say("the backend's stream was left open");
    if (streamsOpened + responses > 1) this.#say(`the backend was asked ${streamsOpened + responses} times`);
  }

  #say(problem: string): void {
    this.#problems.push(problem);
  }
}

/** The rows that have changed, with what they changed by. */
function since(before: readonly MetricRow[], rows: readonly MetricRow[]): readonly MetricRow[] {
  return rows.flatMap((row) => {
    const known = before.find((other) => other.name === row.name && same(other, row));
    const value = (row.value ?? 0) - (known?.value ?? 0);
    const count = (row.count ?? 0) - (known?.count ?? 0);
    if (value === 0 && count === 0) return [];
    return [
      {
        ...row,
        ...(row.value !== undefined && { value }),
        ...(row.count !== undefined && { count, sum: (row.sum ?? 0) - (known?.sum ?? 0) }),
      },
    ];
  });
}

function same(one: MetricRow, other: MetricRow): boolean {
  const names = Object.keys(one.attributes);
  return (
    names.length === Object.keys(other.attributes).length &&
    names.every((name) => one.attributes[name] === other.attributes[name])
  );
}

function sum(rows: readonly MetricRow[]): number {
  return rows.reduce((total, { value, count }) => total + (value ?? count ?? 0), 0);
}

function statusOf({ attributes }: MetricRow): string {
  return String(attributes['status'] ?? 'missing');
}
