// Taken here, so that a test's fake timers do not stop them.
const { setImmediate, setTimeout } = globalThis as unknown as {
  setImmediate?(fn: () => void): { unref?(): void };
  setTimeout(fn: () => void, milliseconds: number): { unref?(): void } | number;
};

/** Runs `fn` at the end of this turn of the event loop, after all microtasks. Keeps no process alive. */
export function atTurnEnd(fn: () => void): void {
  const timer = setImmediate === undefined ? setTimeout(fn, 0) : setImmediate(fn);
  if (typeof timer === 'object') timer.unref?.();
}
