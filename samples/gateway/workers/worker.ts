import type { ToPrimary, ToWorker } from './messages.js';

/** How long the primary and the other workers may take; a scraper waits ten seconds by default. */
const PATIENCE_MS = 5_000;

/**
 * Answers the primary's question for this worker's metrics, and returns a function that asks for those of all.
 *
 * A worker by itself must not be scraped: the next scrape would reach another one, and counters would run backwards.
 */
export function joinFleet(ownText: () => Promise<string>): () => Promise<string> {
  const waiting = new Map<number, (text: string) => void>();
  let scrapes = 0;

  process.on('message', async (message: ToWorker) => {
    if (message.kind === 'scraped all') waiting.get(message.scrape)?.(message.text);
    else if (message.kind === 'scrape') {
      say({ kind: 'scraped', gathering: message.gathering, text: await ownText() });
    }
  });

  return () => {
    const scrape = ++scrapes;
    return new Promise<string>((resolve, reject) => {
      const impatient = setTimeout(() => {
        waiting.delete(scrape);
        reject(new Error('The other workers did not answer.'));
      }, PATIENCE_MS);
      waiting.set(scrape, (text) => {
        clearTimeout(impatient);
        waiting.delete(scrape);
        resolve(text);
      });
      say({ kind: 'scrape all', scrape });
    });
  };
}

function say(message: ToPrimary): void {
  if (process.connected) process.send?.(message);
}
