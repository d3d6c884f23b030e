import { atTurnEnd } from '../turn-end.js';

/** Hears of an object that was garbage-collected before it came to an end. */
export interface Watcher {
  /** Where it is watched; both are kept by this module. */
  watchList: WatchList | undefined;
  watchSlot: number;
  collected(): void;
}

/** Targets and their watchers, in no order. A watcher knows its slot, so that it leaves without being looked for. */
class WatchList<Target = unknown> {
  readonly watchers: Watcher[] = [];
  readonly targets: Target[] = [];

  add(target: Target, watcher: Watcher): void {
    watcher.watchList = this;
    watcher.watchSlot = this.watchers.length;
    this.watchers.push(watcher);
    this.targets.push(target);
  }

  remove(watcher: Watcher): void {
    const last = this.watchers.pop() as Watcher;
    const target = this.targets.pop() as Target;
    if (last !== watcher) {
      this.watchers[watcher.watchSlot] = last;
      this.targets[watcher.watchSlot] = target;
      last.watchSlot = watcher.watchSlot;
    }
    watcher.watchList = undefined;
  }
}

/** Begun in this turn of the event loop and held until its end: calls that wait for nothing are over by then. */
const fresh = new WatchList<object>();
const lasting = new WatchList<WeakRef<object>>();

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
  fresh.add(target, watcher);
  if (awaitsTurnEnd) return;
  awaitsTurnEnd = true;
  atTurnEnd(loosen);
}

export function stopWatching(watcher: Watcher): void {
  watcher.watchList?.remove(watcher);
}

/** Holds weakly what is left of this turn. */
function loosen(): void {
  awaitsTurnEnd = false;
  for (let watcher = fresh.watchers.at(-1); watcher !== undefined; watcher = fresh.watchers.at(-1)) {
    const target = fresh.targets.at(-1) as object;
    fresh.remove(watcher);
    lasting.add(new WeakRef(target), watcher);
  }
  awaitCollection();
}

function awaitCollection(): void {
  if (awaitsCollection || lasting.watchers.length === 0) return;
  awaitsCollection = true;
  collections ??= new FinalizationRegistry(lookThrough);
  collections.register({}, undefined);
}

function lookThrough(): void {
  awaitsCollection = false;
  const gone = lasting.watchers.filter((_, slot) => lasting.targets[slot]?.deref() === undefined);
  for (const watcher of gone) {
    stopWatching(watcher);
    watcher.collected();
  }
  awaitCollection();
}
