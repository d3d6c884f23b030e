import { createInferenceTracker, type TrackerOptions } from 'track-inference';
import { FakeClock } from 'track-inference/testing';

/** A model name that has to be escaped in every text format there is. */
export const HOSTILE_MODEL = 'qu"ote\\back\nline {le="1"}';

type Kind = 'stream' | 'answer' | 'failure' | 'left' | 'embedding';

/** What to send, and how many requests of it make one batch. */
const BATCH: readonly (readonly [kind: Kind, model: string, count: number])[] = [
  ['stream', 'big', 6],
  ['answer', 'big', 3],
  ['failure', 'big', 2],
  ['left', 'big', 1],
  ['answer', HOSTILE_MODEL, 2],
  ['embedding', 'small', 4],
];

/**
 * Sends requests whose every figure is known, and keeps its own count of them.
 *
 * A stream says its first word after 0.5 s and ends after 1 s with 30 tokens; an answer takes 2 s for 100 tokens.
 */
export class KnownTraffic {
  /** What was sent so far, under the values of the labels, as `byLabels` spells them. */
  readonly truth: Record<string, number> = {};
  readonly #clock = new FakeClock();
  readonly #router: Router;

  constructor(recordsInto: Pick<TrackerOptions, 'meterProvider' | 'sink'>) {
    const tracker = createInferenceTracker({ ...recordsInto, now: this.#clock.now, provider: 'p' });
    this.#router = tracker.trackMethods(new Router(this.#clock), {
      chat: 'chat_completion',
      embeddings: { endpointType: 'embeddings' },
    });
  }

  /** One request of `model` that is in flight until the returned function lets it end. */
  async hold(model: string): Promise<() => Promise<void>> {
    const stream = (await this.#router.chat({ model, stream: true })) as AsyncIterable<unknown>;
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    return async () => {
      while (!(await iterator.next()).done);
      this.#count('stream', model);
    };
  }

  async batch(): Promise<void> {
    for (const [kind, model, count] of BATCH) for (let i = 0; i < count; i++) await this.send(kind, model);
  }

  async send(kind: Kind, model: string): Promise<void> {
    if (kind === 'embedding') this.#router.embeddings({ model });
    else if (kind === 'failure') await this.#router.chat({ model, fails: true }).catch(() => {});
    else if (kind === 'answer') await this.#router.chat({ model });
    else {
      const stream = (await this.#router.chat({ model, stream: true })) as AsyncIterable<unknown>;
      for await (const _ of stream) if (kind === 'left') break;
    }
    this.#count(kind, model);
  }

  #count(kind: Kind, model: string): void {
    const endpoint = kind === 'embedding' ? 'embeddings' : 'chat_completion';
    const stream = kind === 'stream' || kind === 'left';
    const status = { stream: 'success', answer: 'success', embedding: 'success', failure: 'error', left: 'cancelled' };
    const key = (name: string) => `${model} p ${endpoint} ${stream} ${name}`;
    this.truth[key(status[kind])] = (this.truth[key(status[kind])] ?? 0) + 1;
    this.truth[key('error')] ??= 0;
  }
}

interface ChatParams {
  readonly model: string;
  readonly stream?: boolean;
  readonly fails?: boolean;
}

class Router {
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  async chat({ model, stream, fails }: ChatParams): Promise<object> {
    if (stream) return this.#chunks(model);
    this.#clock.advance(fails ? 100 : 2_000);
    if (fails) throw new Error('no');
    const choices = [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }];
    return { object: 'chat.completion', model, choices, usage: usage(100) };
  }

  embeddings({ model }: { model: string }): object {
    this.#clock.advance(100);
    return { object: 'list', model, data: [], usage: { prompt_tokens: 8, total_tokens: 8 } };
  }

  async *#chunks(model: string): AsyncGenerator<object> {
    const head = { object: 'chat.completion.chunk', model };
    this.#clock.advance(500);
    yield { ...head, choices: [{ index: 0, delta: { content: 'hello' }, finish_reason: null }] };
    this.#clock.advance(500);
    yield { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };
    yield { ...head, choices: [], usage: usage(30) };
  }
}

function usage(total: number): object {
  return { prompt_tokens: 10, completion_tokens: total - 10, total_tokens: total };
}
