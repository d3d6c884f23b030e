import type { AbortSignalLike } from '../call/cancellation.js';
import type { Observer, Repeat } from '../call/observer.js';

/** Several observers that hear of one life. The first is the innermost call: it settles before the calls around it. */
export class Chorus implements Observer {
  constructor(readonly observers: readonly Observer[]) {}

  get isOver(): boolean {
    return this.observers.every((observer) => observer.isOver);
  }

  sharesWith(earlier: Observer): boolean {
    // All are asked: who shares nothing withdraws.
    return this.observers.filter((observer) => observer.sharesWith(earlier)).length > 0;
  }

  repeats(): readonly Repeat[] {
    return this.observers.flatMap((observer) => observer.repeats());
  }

  waitsFor(promise: object): void {
    for (const observer of this.observers) observer.waitsFor(promise);
  }

  handsOut(source: object): void {
    for (const observer of this.observers) observer.handsOut(source);
  }

  pulling(): void {
    for (const observer of this.observers) observer.pulling();
  }

  item(chunk: unknown): void {
    for (const observer of this.observers) observer.item(chunk);
  }

  value(response: unknown): void {
    for (const observer of this.observers) observer.value(response);
  }

  ended(signal?: AbortSignalLike): void {
    for (const observer of this.observers) observer.ended(signal);
  }

  failed(error: unknown): void {
    for (const observer of this.observers) observer.failed(error);
  }

  left(): void {
    for (const observer of this.observers) observer.left();
  }
}
