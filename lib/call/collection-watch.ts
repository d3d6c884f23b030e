import { atTurnEnd } from '../turn-end.js';

/** Hears of an object that was garbage-collected before it came to an end. Its fields are kept by this module. */
export interface Watcher {
  /** What is watched: the object itself to the end of the turn in which that began, then a weak reference to it. */
  watched: object | undefined;
  /** Its place in the list that it is in, so that it leaves without being looked for. */
  watchSlot: number;
  collected(): void;
}

/** Begun in this turn of the event loop and held until its end: calls that wait for nothing are over by then. */
const fresh: Watcher[] = [];
const lasting: Watcher[] = [];

let awaitsTurnEnd = false;
let awaitsCollection = false;
let collections: FinalizationRegistry<undefined> | undefined;

/**
 * Tells `watcher` when `target` is garbage-collected. The watcher must not reach the target, or it never is.
 * A second call for the same watcher moves the watch to the new target.
 *
 * To register every target with a FinalizationRegistry would take a microsecond each, a weak reference takes a tenth of
 * it. So one object is registered that nobody holds: when it has gone there was a collection, and the references are
 * looked through.
 */
export function watchCollection(target: object, watcher: Watcher): void {
  stopWatching(watcher);
  watcher.watched = target;
  add(fresh, watcher);
  if (awaitsTurnEnd) return;
  awaitsTurnEnd = true;
  atTurnEnd(loosen);
}

export function stopWatching(watcher: Watcher): void {
  if (watcher.watched === undefined) return;
  watcher.watched = undefined;
  remove(fresh[watcher.watchSlot] === watcher ? fresh : lasting, watcher);
}

function add(list: Watcher[], watcher: Watcher): void {
  watcher.watchSlot = list.length;
  list.push(watcher);
}

function remove(list: Watcher[], watcher: Watcher): void {
  const last = list.pop() as Watcher;
  if (last === watcher) return;
  list[watcher.watchSlot] = last;
  last.watchSlot = watcher.watchSlot;
}

/** Holds weakly what is left of this turn. */
function loosen(): void {
  awaitsTurnEnd = false;
  for (const watcher of fresh) {
    watcher.watched = new WeakRef(watcher.watched as object);
    add(lasting, watcher);
  }
  fresh.length = 0;
  awaitCollection();
}

function awaitCollection(): void {
  if (awaitsCollection || lasting.length === 0) return;
  awaitsCollection = true;
  collections ??= new FinalizationRegistry(lookThrough);
  collections.register({}, undefined);
}

function lookThrough(): void {
  awaitsCollection = false;
  const gone = lasting.filter(({ watched }) => (watched as WeakRef<object>).deref() === undefined);
  for (const watcher of gone) {
    stopWatching(watcher);
    watcher.collected();
  }
  awaitCollection();
}
