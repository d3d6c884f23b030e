import { AsyncLocalStorage } from 'node:async_hooks';
import { byHand, streamByHand } from './by-hand.js';
import type { Case } from './case.js';
import {
  type ChatChunk,
  type ChatMethod,
  type ChatResponse,
  chunks,
  iterate,
  request,
  response,
  streamRequest,
} from './chat.js';
import { useSdk } from './open-telemetry.js';
import { peer } from './peer.js';
import { promClientHandles } from './prom-client.js';
import { type Setup, trackerFor } from './tracked.js';

type Stream = AsyncIterable<ChatChunk>;

/** The back end: what it costs itself is in every row, the bare one too. */
const complete: ChatMethod<ChatResponse> = async () => response;
const few = chunks(4);
const stream: ChatMethod<Stream> = async () => iterate(few);

/** The method that all but the written-out ones track: it awaits its back end, as routers do. */
const method = async (asked: typeof request) => {
  const answer = await complete(asked);
  return answer;
};
const streamMethod = async (asked: typeof request) => {
  const answer = await stream(asked);
  return answer;
};

/** One request that answers with a whole response. */
function ofResponse(name: string, make: () => ChatMethod<ChatResponse>, more: Partial<Case> = {}): Case {
  return {
    id: `request/${name}`,
    per: 'request',
    ...more,
    async prepare() {
      const call = make();
      return async (times) => {
        for (let i = 0; i < times; i++) await call(request);
      };
    },
  };
}

/** One request that answers with a stream of four chunks, read to its end. */
function ofStream(name: string, make: () => ChatMethod<Stream>, more: Partial<Case> = {}): Case {
  return {
    id: `streamed request/${name}`,
    per: 'request',
    ...more,
    async prepare() {
      const call = make();
      return async (times) => {
        for (let i = 0; i < times; i++) for await (const _ of await call(streamRequest));
      };
    },
  };
}

function tracked(setup: Setup, asyncContext: boolean): Case[] {
  const name = `track-inference, ${setup}${asyncContext ? '' : ', asyncContext off'}`;
  const track = () => trackerFor(setup, { asyncContext }).trackInference;
  return [
    ofResponse(name, () => track()(method, 'chat_completion')),
    ofStream(name, () => track()(streamMethod, 'chat_completion')),
  ];
}

/** In a process where something else, tracing as a rule, has started async context: on Node 20 and 22 all promises cost more there. */
function inAsyncContext<T>(make: () => T): () => T {
  return () => {
    new AsyncLocalStorage().run(1, () => {});
    return make();
  };
}

export const requestCases: readonly Case[] = [
  ofResponse('bare', () => method),
  ofStream('bare', () => streamMethod),
  ofResponse(
    'bare, process with async context',
    inAsyncContext(() => method),
  ),
  ofStream(
    'bare, process with async context',
    inAsyncContext(() => streamMethod),
  ),
  ofResponse('by hand', () => {
    useSdk();
    return byHand(complete);
  }),
  ofStream('by hand', () => {
    useSdk();
    return streamByHand(stream);
  }),
  ...tracked('default sink', true),
  ...tracked('default sink', false),
  ...tracked('producer', true),
  ...tracked('producer', false),
  ...tracked('no provider', true),
  ofResponse('prom-client, labels bound beforehand', () => promClientHandles(complete), { peer: 'prom-client' }),
  ofResponse(
    'autometrics',
    () => {
      interface Autometrics {
        autometrics<F>(options: { functionName: string; moduleName: string; trackConcurrency: boolean }, fn: F): F;
        init(options: { exporter: unknown }): void;
      }
      const { autometrics } = peer<Autometrics>('@autometrics/autometrics');
      return autometrics({ functionName: 'chatCompletion', moduleName: 'router', trackConcurrency: true }, method);
    },
    { peer: '@autometrics/autometrics' },
  ),
];
