import type { TrackedCall } from '../call/tracked-call.js';
import { AUDIENCE } from '../follow/audience.js';
import type { BodyReader } from '../follow/body.js';
import { type AnswerHead, answerReader } from './answer-reader.js';
import { RequestAudience } from './request-audience.js';

/**
 * The answer to one request on its way to the client: whoever writes it tells its head, its bytes and how it ended.
 *
 * Bytes are told after they were passed on, so that reading them delays none.
 */
export class Answer extends RequestAudience {
  /** A tracked function that returns it is not over before the answer is. */
  readonly [AUDIENCE] = this;
  readonly #maxJsonLength: number;
  #reader: BodyReader | undefined;
  #status = 0;

  /** @param target what writes the answer */
  constructor(call: TrackedCall, target: object, maxJsonLength: number) {
    super(call, target);
    this.#maxJsonLength = maxJsonLength;
  }

  get hasHead(): boolean {
    return this.#status !== 0;
  }

  head(head: AnswerHead): void {
    this.#status = head.status;
    if (head.status >= 400) return;
    this.#reader = answerReader(head, (item) => this.item(item), this.#maxJsonLength);
    if (this.#reader.isStream) this.handsOut(this.target);
  }

  bytes(chunk: unknown): void {
    if (!this.isOver) this.#reader?.feed(chunk);
  }

  /** All of it is on its way. */
  complete(): void {
    if (this.#status >= 400) {
      this.failed({ status: this.#status });
      return;
    }
    const response = this.#reader?.end();
    if (this.#reader?.isStream === true) this.ended();
    else this.value(response);
  }
}
