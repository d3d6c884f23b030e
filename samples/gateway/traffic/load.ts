import { setTimeout as sleep } from 'node:timers/promises';
import OpenAI from 'openai';
import type { Observation } from './observation.js';
import { pickScenario, type Scenario } from './scenarios.js';

export interface LoadOptions {
  readonly client: OpenAI;
  readonly concurrency: number;
  /** No request starts after it aborts; those that run may finish. */
  readonly until: AbortSignal;
  readonly onStart: () => void;
  readonly onEnd: (observation: Observation) => void;
}

/** People pause between requests; without it every worker would be in flight all the time. */
const MEAN_PAUSE_MS = 250;

/** Runs `concurrency` clients, each sending one request after the other. Rejects if the gateway cannot be reached. */
export async function runLoad({ client, concurrency, until, onStart, onEnd }: LoadOptions): Promise<void> {
  async function worker(): Promise<void> {
    while (!until.aborted) {
      await sleep(-Math.log(1 - Math.random()) * MEAN_PAUSE_MS);
      if (until.aborted) return;
      onStart();
      onEnd(await observe(pickScenario(), client));
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker));
}

async function observe(scenario: Scenario, client: OpenAI): Promise<Observation> {
  const { endpointType, stream } = scenario;
  const startedAt = performance.now();
  let firstTokenMs: number | undefined;
  const outcome = await scenario
    .run(client, () => {
      firstTokenMs ??= performance.now() - startedAt;
    })
    .catch((error: unknown) => {
      if (error instanceof OpenAI.APIConnectionError) throw error;
      return 'error' as const;
    });
  const durationMs = performance.now() - startedAt;
  return { endpointType, stream, outcome, durationMs, ...(firstTokenMs !== undefined && { firstTokenMs }) };
}
