import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import * as tracking from 'track-inference';
import { TrackInference } from 'track-inference';
import * as testing from 'track-inference/testing';
import { Router as ConformingRouter } from '../../../samples/testing/router.js';

/** 12 tokens, as OpenAI states them. */
export const REPLY = {
  object: 'chat.completion',
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Curiouser!' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 },
};

/** What the prelude declares, for real. A model call takes half a second of the clock, if there is one. */
export function worldAround(client: OpenAI, clock?: testing.TestTracker['clock']): Readonly<Record<string, unknown>> {
  const takesTime = () => clock?.advance(500);
  return {
    configureInference: tracking.configureInference,
    createInferenceTracker: tracking.createInferenceTracker,
    currentInference: tracking.currentInference,
    tokenExtractors: tracking.tokenExtractors,
    TrackInference,
    trackInference: tracking.trackInference,
    trackMethods: tracking.trackMethods,
    createTestTracker: testing.createTestTracker,
    checkConformance: testing.checkConformance,
    expect,
    client,
    answer: async () => {
      takesTime();
      return { usage: { inputTokens: 9, outputTokens: 3 } };
    },
    log: { info: (fields: object) => logged.push(fields) },
    model: 'm',
    provider: 'acme',
    seconds: 0.25,
    Router: threeChunkRouter(),
    routerOver: (backend: testing.ScriptedBackend) =>
      new ConformingRouter({
        id: 'acme',
        stream: () => backend.stream() as AsyncIterable<object>,
        complete: () => backend.respond() as Promise<object>,
      }),
  };
}

/** What blocks have logged. */
export const logged: object[] = [];

/** The routes of a router: one provider, which replies as OpenAI does. */
export function routesTo(id: string, clock: testing.TestTracker['clock']): object {
  const chatCompletion = async () => {
    clock.advance(500);
    return REPLY;
  };
  return { resolve: async () => ({ id, chatCompletion }) };
}

/** Decorated anew for each world, so that it is the present default tracker's. */
function threeChunkRouter(): object {
  class Router {
    @TrackInference('chat_completion')
    async chat(_params: { model: string; stream?: boolean }): Promise<AsyncIterable<object>> {
      return (async function* () {
        for (const content of ['Good ', 'morning', '!']) {
          yield { object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content } }] };
        }
      })();
    }
  }
  return Router;
}

/** A backend on the loopback that speaks as much of OpenAI's protocol as the blocks use. */
export class OpenAiBackend {
  readonly requests: unknown[] = [];
  readonly #server: Server = createServer(async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    const body = JSON.parse(text) as { stream?: boolean };
    this.requests.push(body);
    if (body.stream !== true) {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(REPLY));
      return;
    }
    response.setHeader('content-type', 'text/event-stream');
    const head = { object: 'chat.completion.chunk', model: 'm' };
    for (const content of ['Curiouser', '!']) {
      response.write(`data: ${JSON.stringify({ ...head, choices: [{ index: 0, delta: { content } }] })}\n\n`);
    }
    response.write(`data: ${JSON.stringify({ ...head, choices: [], usage: REPLY.usage })}\n\n`);
    response.end('data: [DONE]\n\n');
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  /** A new client, whose methods nobody has tracked yet. */
  client(): OpenAI {
    const { port } = this.#server.address() as AddressInfo;
    return new OpenAI({ baseURL: `http://127.0.0.1:${port}/v1`, apiKey: 'none', maxRetries: 0 });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
