import type { Attributes } from '@opentelemetry/api';
import type { LabelSet } from '../metrics/label-sets.js';
import type { SettledInference } from '../metrics/settled-inference.js';
import { SECONDS_PER_TOKEN, secondsPerOutputToken } from '../metrics/vocabularies/extras.js';
import type { ChunkInstrument, SettledInstrument, Vocabulary } from '../metrics/vocabularies/vocabulary.js';

// OpenTelemetry's semantic conventions for generative AI, version 1.41: all of them in status Development.

const SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const FIRST_TOKEN_SECONDS = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const TOKENS = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864];

/** The conventions' names for operations; another endpoint type stands as it is. */
const OPERATIONS: { readonly [endpointType: string]: string } = {
  chat_completion: 'chat',
  completion: 'text_completion',
};

/** What is known of a call before its end. */
function entryAttributes({ model, provider, endpointType }: LabelSet): Attributes {
  return {
    ...(endpointType && { 'gen_ai.operation.name': OPERATIONS[endpointType] ?? endpointType }),
    ...(provider && { 'gen_ai.provider.name': provider }),
    ...(model && { 'gen_ai.request.model': model }),
  };
}

function callAttributes({ labels, responseModel = '', errorType = '' }: SettledInference): Attributes {
  return labels.derived(`gen_ai ${errorType} ${responseModel}`, () => ({
    ...entryAttributes(labels),
    ...(responseModel && { 'gen_ai.response.model': responseModel }),
    ...(errorType && { 'error.type': errorType }),
  }));
}

function tokenAttributes(call: SettledInference, type: 'input' | 'output'): Attributes {
  const { labels, responseModel = '' } = call;
  return labels.derived(`gen_ai ${type} ${responseModel}`, () => ({
    ...entryAttributes(labels),
    ...(responseModel && { 'gen_ai.response.model': responseModel }),
    'gen_ai.token.type': type,
  }));
}

function seconds(
  name: string,
  description: string,
  boundaries: readonly number[],
  value: (call: SettledInference) => number | undefined,
): SettledInstrument {
  return { name, kind: 'histogram', unit: 's', description, boundaries, value, attributes: callAttributes };
}

const tokenUsage: SettledInstrument = {
  name: 'gen_ai.client.token.usage',
  kind: 'histogram',
  unit: '{token}',
  description: 'Number of input and output tokens used',
  boundaries: TOKENS,
  each(call, record) {
    const { inputTokens, outputTokens } = call.usage ?? {};
    if (inputTokens !== undefined) record(inputTokens, tokenAttributes(call, 'input'));
    if (outputTokens !== undefined) record(outputTokens, tokenAttributes(call, 'output'));
  },
};

const timePerOutputChunk: ChunkInstrument = {
  name: 'gen_ai.client.operation.time_per_output_chunk',
  kind: 'histogram',
  unit: 's',
  description: 'Time per output chunk after the first one',
  boundaries: SECONDS,
  attributes: (labels) => labels.derived('gen_ai chunk', entryAttributes),
};

/** For a gateway, which is a client of its providers and a server to its callers. */
export const genAi: Vocabulary = {
  meter: 'track-inference/gen-ai',
  needsFirstChunk: true,
  settled: [
    seconds('gen_ai.client.operation.duration', 'GenAI operation duration', SECONDS, (call) => call.requestSeconds),
    tokenUsage,
    seconds(
      'gen_ai.client.operation.time_to_first_chunk',
      'Time to receive the first chunk',
      SECONDS,
      (call) => call.firstChunkSeconds,
    ),
    seconds('gen_ai.server.request.duration', 'GenAI server request duration', SECONDS, (call) => call.requestSeconds),
    seconds(
      'gen_ai.server.time_to_first_token',
      'Time to generate the first token of successful responses',
      FIRST_TOKEN_SECONDS,
      (call) => (call.status === 'success' ? call.firstTokenSeconds : undefined),
    ),
    seconds(
      'gen_ai.server.time_per_output_token',
      'Time per output token after the first one, of successful responses',
      SECONDS_PER_TOKEN,
      (call) => (call.status === 'success' ? secondsPerOutputToken(call) : undefined),
    ),
  ],
};

/** With the time of each chunk, for a clock reading and a record a chunk. */
export const genAiWithChunks: Vocabulary = { ...genAi, chunk: timePerOutputChunk };
