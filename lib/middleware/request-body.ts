import type { Observer, Repeat } from '../call/observer.js';
import { parsedBody } from './inference-request.js';

declare const TextDecoder: new () => { decode(bytes?: unknown, options?: { stream?: boolean }): string };

/** Hears the bytes of a request as the handler reads them, and tells the JSON in them. What is over the limit is let go. */
export class RequestBody implements Observer {
  isOver = false;
  readonly #maxLength: number;
  readonly #onBody: (body: unknown) => void;
  readonly #decoder = new TextDecoder();
  #pieces: string[] = [];
  #length = 0;

  constructor(maxLength: number, onBody: (body: unknown) => void) {
    this.#maxLength = maxLength;
    this.#onBody = onBody;
  }

  item(chunk: unknown): void {
    if (this.isOver) return;
    const text = typeof chunk === 'string' ? chunk : this.#decoder.decode(chunk, { stream: true });
    this.#length += text.length;
    this.#pieces.push(text);
    if (this.#length > this.#maxLength) this.#drop();
  }

  ended(): void {
    if (this.isOver) return;
    const text = this.#pieces.join('') + this.#decoder.decode();
    this.#drop();
    this.#onBody(parsedBody(text, this.#maxLength));
  }

  failed(): void {
    this.#drop();
  }

  left(): void {
    this.#drop();
  }

  sharesWith(): boolean {
    return true;
  }

  repeats(): readonly Repeat[] {
    return [];
  }

  waitsFor(): void {}
  handsOut(): void {}
  pulling(): void {}
  value(): void {}

  #drop(): void {
    this.isOver = true;
    this.#pieces = [];
  }
}
