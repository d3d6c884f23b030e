/** Hears of an object that was garbage-collected before it came to an end. */
interface Watcher {
  collected(): void;
}

let registry: FinalizationRegistry<Watcher> | undefined;

/**
 * Tells `watcher` when `target` is garbage-collected. The watcher must not reach the target, or it never is.
 * A second call for the same watcher moves the watch to the new target.
 */
export function watchCollection(target: object, watcher: Watcher): void {
  registry ??= new FinalizationRegistry((held) => held.collected());
  registry.unregister(watcher);
  registry.register(target, watcher, watcher);
}

export function stopWatching(watcher: Watcher): void {
  registry?.unregister(watcher);
}
