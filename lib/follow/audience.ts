import type { AbortSignalLike } from '../call/cancellation.js';
import type { Observer, Repeat } from '../call/observer.js';
import { Chorus } from './chorus.js';

/** Under this key a followed object carries who hears of it. */
export const AUDIENCE = Symbol('track-inference.audience');

/**
 * All who hear of one followed object: the tracked call that returned it, and those around it that hand it on.
 *
 * It is reachable from the object alone, and the calls never from it to the object: else nothing would be collected.
 */
export class Audience implements Observer {
  /** One call, as a rule; a {@link Chorus} of those that share the object. */
  protected observer: Observer;

  /** @param target what the consumer must hold to go on */
  constructor(
    observer: Observer,
    protected readonly target: object,
  ) {
    this.observer = observer;
  }

  get isOver(): boolean {
    return this.observer.isOver;
  }

  /** Takes in another call that returned the object. Where all before it have ended, the object's life begins anew. */
  welcome(observer: Observer): void {
    if (this.isOver) {
      this.observer = observer;
      this.beganAnew();
    } else {
      const { known } = this;
      if (known.includes(observer) || !this.admits(observer)) return;
      this.observer = new Chorus([...known, observer]);
    }
    this.introduce(observer);
  }

  /** All who heard of the object before have ended, and another call returned it. */
  protected beganAnew(): void {}

  /** Tells what came back. */
  introduce(observer: Observer): void {
    observer.handsOut(this.target);
  }

  sharesWith(earlier: Observer): boolean {
    return this.observer.sharesWith(earlier);
  }

  repeats(): readonly Repeat[] {
    return this.observer.repeats();
  }

  waitsFor(promise: object): void {
    this.observer.waitsFor(promise);
  }

  handsOut(source: object): void {
    this.observer.handsOut(source);
  }

  pulling(): void {
    this.observer.pulling();
  }

  item(chunk: unknown): void {
    this.observer.item(chunk);
  }

  value(response: unknown): void {
    this.observer.value(response);
  }

  ended(signal?: AbortSignalLike): void {
    this.observer.ended(signal);
  }

  failed(error: unknown): void {
    this.observer.failed(error);
  }

  left(): void {
    this.observer.left();
  }

  private get known(): readonly Observer[] {
    return this.observer instanceof Chorus ? this.observer.observers : [this.observer];
  }

  /** Whether all who hear of the object, at whatever depth, let another observer in beside them. */
  private admits(observer: Observer): boolean {
    return this.known.every(
      (earlier) =>
        earlier.isOver || (earlier instanceof Audience ? earlier.admits(observer) : observer.sharesWith(earlier)),
    );
  }
}

/** Who hears of an object that is followed already. */
export function audienceOf(source: object): Audience | undefined {
  return (source as { readonly [AUDIENCE]?: Audience })[AUDIENCE];
}
