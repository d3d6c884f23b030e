import cluster, { type Worker } from 'node:cluster';
import { mergePrometheusTexts } from './merge-prometheus-texts.js';
import type { ToPrimary, ToWorker } from './messages.js';

/** A worker that is busy for longer than this is left out of a scrape. */
const PATIENCE_MS = 2_000;

export interface Fleet {
  /** Resolves with the port once every worker listens. */
  readonly listening: Promise<number>;
  /** Lets every worker finish its requests and send its metrics. */
  stop(): Promise<void>;
}

/** Runs the gateway in `count` processes that share a port, and starts another one when one dies. */
export function startFleet(count: number): Fleet {
  const ready = new Set<number>();
  let stopping = false;
  let gatherings = 0;
  const gathered = new Map<number, (worker: Worker, text: string) => void>();

  const listening = new Promise<number>((resolve, reject) => {
    cluster.on('listening', (worker, { port }) => {
      ready.add(worker.id);
      console.log(`worker ${worker.id} listens (pid ${worker.process.pid})`);
      if (ready.size === count) resolve(port);
    });
    cluster.on('exit', (worker, code, signal) => {
      if (stopping) return;
      // One that cannot even begin would fail again and again.
      if (!ready.has(worker.id)) reject(new Error(`worker ${worker.id} did not start`));
      else {
        console.error(`worker ${worker.id} died (${signal ?? code}); another one takes its place`);
        cluster.fork();
      }
    });
  });

  cluster.on('message', async (worker, message: ToPrimary) => {
    if (message.kind === 'scraped') gathered.get(message.gathering)?.(worker, message.text);
    else if (message.kind === 'scrape all') {
      tell(worker, { kind: 'scraped all', scrape: message.scrape, text: await gather() });
    }
  });

  /** Asks every worker that serves. */
  function gather(): Promise<string> {
    const gathering = ++gatherings;
    const asked = workers().filter((worker) => ready.has(worker.id));
    const texts = new Map<number, string>();
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(impatient);
        gathered.delete(gathering);
        resolve(mergePrometheusTexts(new Map([...texts].sort(([a], [b]) => a - b))));
      };
      const impatient = setTimeout(finish, PATIENCE_MS);
      gathered.set(gathering, (worker, text) => {
        texts.set(worker.id, text);
        if (texts.size === asked.length) finish();
      });
      for (const worker of asked) tell(worker, { kind: 'scrape', gathering });
    });
  }

  for (let i = 0; i < count; i++) cluster.fork();
  return {
    listening,
    async stop() {
      stopping = true;
      await Promise.all(
        workers().map((worker) => {
          const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
          worker.process.kill('SIGTERM');
          return exited;
        }),
      );
    },
  };
}

function workers(): Worker[] {
  return Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
}

function tell(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message);
}
