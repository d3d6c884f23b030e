import OpenAI from 'openai';
import type { EndpointType, Outcome } from './observation.js';

export interface Scenario {
  readonly name: string;
  /** How often it is picked, relative to the others. */
  readonly weight: number;
  readonly endpointType: EndpointType;
  readonly stream: boolean;
  /** Sends one request and tells how it ended; calls `firstToken` when the first text arrives. */
  run(client: OpenAI, firstToken: () => void): Promise<Outcome>;
}

const MODEL = 'local/markov';
const QUESTIONS = [
  'Tell me about the White Rabbit.',
  'What did the Mouse say about cats and dogs?',
  'How does one get dry after swimming in a pool of tears?',
  'Where is the little golden key?',
  'What happens if I drink from a bottle that is marked poison?',
  'Who won the Caucus-race, and what were the prizes?',
];
const BEGINNINGS = ['Alice was', 'The Rabbit', 'Down, down,', 'It was the White', 'There was nothing'];

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'streamed chat',
    weight: 34,
    endpointType: 'chat_completion',
    stream: true,
    async run(client, firstToken) {
      const usage = Math.random() < 0.5 ? { stream_options: { include_usage: true } } : {};
      const stream = await client.chat.completions.create({ ...chat(), ...usage, stream: true });
      for await (const chunk of stream) if (chunk.choices[0]?.delta.content) firstToken();
      return 'success';
    },
  },
  {
    name: 'chat',
    weight: 18,
    endpointType: 'chat_completion',
    stream: false,
    async run(client) {
      await client.chat.completions.create({ ...chat(), max_tokens: between(10, 80) });
      return 'success';
    },
  },
  {
    name: 'embeddings',
    weight: 14,
    endpointType: 'embeddings',
    stream: false,
    async run(client) {
      const input = Array.from({ length: between(1, 8) }, () => pick(QUESTIONS));
      await client.embeddings.create({ model: MODEL, input });
      return 'success';
    },
  },
  {
    name: 'streamed completion',
    weight: 8,
    endpointType: 'completion',
    stream: true,
    async run(client, firstToken) {
      const stream = await client.completions.create({ ...beginning(), max_tokens: between(20, 80), stream: true });
      for await (const chunk of stream) if (chunk.choices[0]?.text) firstToken();
      return 'success';
    },
  },
  {
    name: 'completion',
    weight: 8,
    endpointType: 'completion',
    stream: false,
    async run(client) {
      await client.completions.create(beginning());
      return 'success';
    },
  },
  {
    name: 'reader who leaves a stream',
    weight: 8,
    endpointType: 'chat_completion',
    stream: true,
    async run(client, firstToken) {
      const stream = await client.chat.completions.create({ ...chat(), stream: true });
      for await (const chunk of stream) {
        if (!chunk.choices[0]?.delta.content) continue;
        firstToken();
        return 'cancelled';
      }
      return 'success';
    },
  },
  {
    name: 'caller who gives up waiting',
    weight: 4,
    endpointType: 'chat_completion',
    stream: false,
    async run(client) {
      // Long enough to have arrived, too short for most answers.
      const patience = AbortSignal.timeout(between(150, 300));
      try {
        await client.chat.completions.create({ ...chat(), n: 3 }, { signal: patience });
        return 'success';
      } catch (error) {
        if (error instanceof OpenAI.APIUserAbortError) return 'cancelled';
        throw error;
      }
    },
  },
  failing('unknown model', 'error', (client) =>
    client.chat.completions.create({ ...chat(), model: pick(['local/dodo', 'gpt-4o-mini', 'mock/turtle']) }),
  ),
  failing('temperature out of range', 'error', (client) =>
    client.chat.completions.create({ ...chat(), temperature: 9 }),
  ),
  failing('no messages', 'refused', (client) => client.chat.completions.create({ ...chat(), messages: [] })),
];

function failing(name: string, outcome: Outcome, send: (client: OpenAI) => Promise<unknown>): Scenario {
  return {
    name,
    weight: 2,
    endpointType: 'chat_completion',
    stream: false,
    async run(client) {
      try {
        await send(client);
        return 'success';
      } catch (error) {
        if (error instanceof OpenAI.APIError && error.status !== undefined && error.status < 500) return outcome;
        throw error;
      }
    },
  };
}

function chat(): { model: string; messages: OpenAI.ChatCompletionMessageParam[] } {
  return { model: MODEL, messages: [{ role: 'user', content: pick(QUESTIONS) }] };
}

function beginning(): { model: string; prompt: string } {
  return { model: MODEL, prompt: pick(BEGINNINGS) };
}

function pick<T>(items: readonly T[]): T {
  return items[Math.floor(Math.random() * items.length)] as T;
}

function between(min: number, max: number): number {
  return min + Math.floor(Math.random() * (max - min + 1));
}

/** Picks a scenario by weight. */
export function pickScenario(): Scenario {
  let left = Math.random() * SCENARIOS.reduce((sum, scenario) => sum + scenario.weight, 0);
  for (const scenario of SCENARIOS) {
    left -= scenario.weight;
    if (left < 0) return scenario;
  }
  return SCENARIOS[0] as Scenario;
}
