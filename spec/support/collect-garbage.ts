declare const gc: () => void;

/** Collects garbage until the condition holds; gives up after a bounded number of rounds. */
export async function collectUntil(condition: () => Promise<boolean> | boolean, rounds = 200): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    gc();
    await new Promise((resolve) => setImmediate(resolve));
    if (await condition()) return;
  }
  throw new Error('the condition did not come to hold');
}
