import { TrackInference } from 'track-inference';
import { finish, text } from '../../support/chunks.js';

/** A decorated router whose stream says two words, and goes on when the spec lets it. */
export class ChatRouter {
  /** Whether the stream came to its end, or was closed. */
  isClosed = false;
  #release!: () => void;
  readonly #released = new Promise<void>((resolve) => {
    this.#release = resolve;
  });

  release(): void {
    this.#release();
  }

  @TrackInference({ endpointType: 'chat_completion', model: 'm', provider: 'acme' })
  async *chat(): AsyncGenerator<object> {
    try {
      yield text('one');
      yield text('two');
      await this.#released;
      for (let word = 3; word <= 20; word++) yield text(`${word}`);
      yield finish;
    } finally {
      this.isClosed = true;
    }
  }
}

/** The router's stream as the text of its events. */
export async function* eventText(chunks: AsyncIterable<object>): AsyncGenerator<string> {
  for await (const chunk of chunks) yield `data: ${JSON.stringify(chunk)}\n\n`;
}
