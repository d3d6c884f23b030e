import type { AbortSignalLike } from '../call/cancellation.js';
import type { Observer, Repeat } from '../call/observer.js';

/** Under this key a followed object carries who hears of it. */
export const AUDIENCE = Symbol('track-inference.audience');

/**
 * All who hear of one followed object: the tracked call that returned it, and those around it that hand it on.
 *
 * It is reachable from the object alone, and the calls never from it to the object: else nothing would be collected.
 */
export class Audience implements Observer {
  #first: Observer;
  #others: Observer[] | undefined;

  /** @param target what the consumer must hold to go on */
  constructor(
    first: Observer,
    protected readonly target: object,
  ) {
    this.#first = first;
  }

  get isOver(): boolean {
    return this.#first.isOver && (this.#others === undefined || this.#others.every((observer) => observer.isOver));
  }

  /** Takes in another call that returned the object. Where all before it have ended, the object's life begins anew. */
  welcome(observer: Observer): void {
    if (this.isOver) {
      this.#first = observer;
      this.#others = undefined;
      this.beganAnew();
    } else {
      if (this.hears(observer) || !this.admits(observer)) return;
      this.#others ??= [];
      this.#others.push(observer);
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
    let shares = false;
    this.each((observer) => {
      if (observer.sharesWith(earlier)) shares = true;
    });
    return shares;
  }

  repeats(): readonly Repeat[] {
    const repeats: Repeat[] = [];
    this.each((observer) => repeats.push(...observer.repeats()));
    return repeats;
  }

  waitsFor(promise: object): void {
    this.each((observer) => observer.waitsFor(promise));
  }

  handsOut(source: object): void {
    this.each((observer) => observer.handsOut(source));
  }

  pulling(): void {
    this.#first.pulling();
    if (this.#others !== undefined) for (const observer of this.#others) observer.pulling();
  }

  item(chunk: unknown): void {
    this.#first.item(chunk);
    if (this.#others !== undefined) for (const observer of this.#others) observer.item(chunk);
  }

  value(response: unknown): void {
    this.each((observer) => observer.value(response));
  }

  ended(signal?: AbortSignalLike): void {
    this.each((observer) => observer.ended(signal));
  }

  failed(error: unknown): void {
    this.each((observer) => observer.failed(error));
  }

  left(): void {
    this.each((observer) => observer.left());
  }

  collected(): void {
    this.each((observer) => observer.collected());
  }

  private hears(observer: Observer): boolean {
    return this.#first === observer || this.#others?.includes(observer) === true;
  }

  private admits(observer: Observer): boolean {
    let admits = true;
    this.each((earlier) => {
      if (!admits || earlier.isOver) return;
      admits = earlier instanceof Audience ? earlier.admits(observer) : observer.sharesWith(earlier);
    });
    return admits;
  }

  /** The first is the innermost call: it settles before the calls around it. */
  private each(tell: (observer: Observer) => void): void {
    tell(this.#first);
    if (this.#others !== undefined) for (const observer of this.#others) tell(observer);
  }
}

/** Who hears of an object that is followed already. */
export function audienceOf(source: object): Audience | undefined {
  return (source as { readonly [AUDIENCE]?: Audience })[AUDIENCE];
}
