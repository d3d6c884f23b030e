import { type MeterProvider, metrics } from '@opentelemetry/api';
import OpenAI from 'openai';
import type { Case } from './case.js';
import { type ChatChunk, type ChatMethod, chunks, consume, iterate, streamRequest } from './chat.js';
import { chatClient, openAiStream } from './open-ai.js';
import { useSdk } from './open-telemetry.js';
import { peer } from './peer.js';

const LENGTH = 2000;
const list = chunks(LENGTH);

interface Peer {
  readonly name: string;
  readonly packageName: string;
  /** Patches the client's class as the package's README says, set up to record metrics. */
  patch(): void;
}

const peers: readonly Peer[] = [
  {
    name: 'instrumentation-openai',
    packageName: '@opentelemetry/instrumentation-openai',
    patch() {
      interface Instrumentation {
        setMeterProvider(provider: MeterProvider): void;
        init(): { patch(exports: object): void }[];
      }
      const { OpenAIInstrumentation } = peer<{ OpenAIInstrumentation: new () => Instrumentation }>(
        '@opentelemetry/instrumentation-openai',
      );
      const instrumentation = new OpenAIInstrumentation();
      instrumentation.setMeterProvider(metrics.getMeterProvider());
      // The loader hook would call this when the module is first required.
      instrumentation.init()[0]?.patch({ OpenAI });
    },
  },
  {
    name: 'openlit',
    packageName: 'openlit',
    patch() {
      process.env['OTEL_TRACES_EXPORTER'] = 'none';
      const { Openlit } = peer<{ Openlit: { init(options: object): void } }>('openlit');
      Openlit.init({
        instrumentations: { openai: { OpenAI } },
        disableEvents: true,
        captureMessageContent: false,
        pricingJson: '{}',
        otlpEndpoint: 'http://127.0.0.1:9',
      });
    },
  },
];

function reading(
  family: string,
  { name, packageName, patch }: Peer,
  make: () => ChatMethod<AsyncIterable<ChatChunk>>,
): Case {
  return {
    id: `${family}/${name}`,
    per: 'chunk',
    perOperation: LENGTH,
    peer: packageName,
    async prepare() {
      useSdk();
      const call = make();
      patch();
      return async (times) => {
        for (let i = 0; i < times; i++) await consume(await call(streamRequest));
      };
    },
  };
}

/** The client, but for its network and its parsing: what is left is what the peers wrap. */
function clientOfReadyChunks(): ChatMethod<AsyncIterable<ChatChunk>> {
  const { client, stream } = chatClient(list);
  const create = async () => openAiStream(iterate(list));
  Object.assign(Object.getPrototypeOf(client.chat.completions), { create });
  return stream;
}

export const peerChunkCases: readonly Case[] = peers.flatMap((one) => [
  reading('chunk of SDK stream', one, clientOfReadyChunks),
  reading('chunk of the openai client', one, () => chatClient(list).stream),
]);
