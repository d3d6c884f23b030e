import OpenAI from 'openai';
import type { Case } from './case.js';
import { type ChatChunk, type ChatMethod, chunks, streamRequest } from './chat.js';
import { chatClient } from './open-ai.js';
import { useSdk } from './open-telemetry.js';
import { peer } from './peer.js';

const LENGTH = 2000;

/** An instrumentation from elsewhere on the same client, set up to record metrics as its README says. */
function patched(name: string, packageName: string, patch: () => void): Case {
  return {
    id: `chunk of the openai client/${name}`,
    per: 'chunk',
    perOperation: LENGTH,
    peer: packageName,
    async prepare() {
      useSdk();
      patch();
      const { stream }: { stream: ChatMethod<AsyncIterable<ChatChunk>> } = chatClient(chunks(LENGTH));
      return async (times) => {
        for (let i = 0; i < times; i++) for await (const _ of await stream(streamRequest));
      };
    },
  };
}

export const peerChunkCases: readonly Case[] = [
  patched('instrumentation-openai', '@opentelemetry/instrumentation-openai', () => {
    interface Instrumentation {
      init(): { patch(exports: object): void }[];
    }
    const { OpenAIInstrumentation } = peer<{ OpenAIInstrumentation: new () => Instrumentation }>(
      '@opentelemetry/instrumentation-openai',
    );
    // The loader hook would call this when the module is first required.
    new OpenAIInstrumentation().init()[0]?.patch({ OpenAI });
  }),
  patched('openlit', 'openlit', () => {
    process.env['OTEL_TRACES_EXPORTER'] = 'none';
    const { Openlit } = peer<{ Openlit: { init(options: object): void } }>('openlit');
    Openlit.init({
      instrumentations: { openai: { OpenAI } },
      disableEvents: true,
      captureMessageContent: false,
      pricingJson: '{}',
      otlpEndpoint: 'http://127.0.0.1:9',
    });
  }),
];
