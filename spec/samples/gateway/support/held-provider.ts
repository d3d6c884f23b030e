import type OpenAI from 'openai';
import type {
  CallOptions,
  ChatCompletionParams,
  ChatCompletionResult,
  Provider,
} from '../../../../samples/gateway/providers/provider.js';

const head = { id: 'chatcmpl-held', created: 0, model: 'held/word' };

/**
 * A provider that a spec holds in its hand: it says one word, then waits for {@link release} or for its client to leave.
 * Its model `flood` sends as much as is pulled, without end.
 */
export class HeldProvider implements Provider {
  readonly id = 'held';
  /** Streams that were asked for a second chunk, and so have handed out their first. */
  waiting = 0;
  /** Streams that ended, in whatever way. */
  closed = 0;
  /** Chunks pulled from `flood`. */
  pulled = 0;
  #release = () => {};
  #released = Promise.resolve();

  constructor() {
    this.hold();
  }

  hold(): void {
    this.#released = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  release(): void {
    this.#release();
  }

  serves(): boolean {
    return true;
  }

  async listModels(): Promise<readonly OpenAI.Model[]> {
    return [];
  }

  async chatCompletion(params: ChatCompletionParams, { signal }: CallOptions): Promise<ChatCompletionResult> {
    if (params.model === 'broken') return this.#breaking();
    if (params.stream) return params.model === 'flood' ? this.#flood() : this.#stream(signal);
    await this.#wait(signal);
    const message = { role: 'assistant' as const, content: 'word', refusal: null };
    const choices = [{ index: 0, message, finish_reason: 'stop' as const, logprobs: null }];
    return { ...head, object: 'chat.completion', choices };
  }

  completion(): Promise<never> {
    return Promise.reject(new Error('a stranger’s mistake, with secrets in it'));
  }

  embeddings(): Promise<never> {
    return Promise.reject(new Error('a stranger’s mistake, with secrets in it'));
  }

  async *#stream(signal?: AbortSignal): AsyncGenerator<OpenAI.ChatCompletionChunk, void, undefined> {
    try {
      yield chunk({ content: 'word' });
      await this.#wait(signal);
      yield chunk({}, 'stop');
    } finally {
      this.closed++;
    }
  }

  async *#flood(): AsyncGenerator<OpenAI.ChatCompletionChunk, void, undefined> {
    try {
      for (;;) {
        this.pulled++;
        yield chunk({ content: 'x'.repeat(64 * 1024) });
      }
    } finally {
      this.closed++;
    }
  }

  async *#breaking(): AsyncGenerator<OpenAI.ChatCompletionChunk, void, undefined> {
    yield chunk({ content: 'word' });
    throw new Error('a stranger’s mistake, with secrets in it');
  }

  #wait(signal?: AbortSignal): Promise<void> {
    this.waiting++;
    return new Promise((resolve, reject) => {
      const abort = () => reject(new DOMException('The client left.', 'AbortError'));
      if (signal?.aborted) abort();
      signal?.addEventListener('abort', abort, { once: true });
      void this.#released.then(resolve);
    });
  }
}

function chunk(
  delta: OpenAI.ChatCompletionChunk.Choice.Delta,
  finish_reason: 'stop' | null = null,
): OpenAI.ChatCompletionChunk {
  return { ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] };
}
