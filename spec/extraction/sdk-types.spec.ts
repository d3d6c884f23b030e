/**
 * The SDKs' own types vouch for what the extractors read: every fixture here is checked against the type of the SDK that
 * hands it over. A field that an SDK renames no longer compiles (`npm run typecheck`), before anybody's counts go missing.
 */
import type {
  EmbeddingModelV3Result,
  LanguageModelV2StreamPart,
  LanguageModelV3GenerateResult,
  LanguageModelV3StreamPart,
} from '@ai-sdk/provider';
import type Anthropic from '@anthropic-ai/sdk';
import type {
  ConverseCommandOutput,
  ConverseStreamOutput,
  InvokeModelCommandOutput,
  ResponseStream,
} from '@aws-sdk/client-bedrock-runtime';
import { EmbedContentResponse, GenerateContentResponse, type Interactions } from '@google/genai';
import type { chatCompletionStream, textGeneration, textGenerationStream } from '@huggingface/inference';
import { AIMessage, AIMessageChunk, type UsageMetadata } from '@langchain/core/messages';
import type { LLMResult } from '@langchain/core/outputs';
import type { ChatCompletionResponse, CompletionEvent } from '@mistralai/mistralai/models/components';
import type { EmbedResult, GenerateTextResult, TextStreamPart, ToolSet } from 'ai';
import type { Cohere } from 'cohere-ai';
import type Groq from 'groq-sdk';
import type LlamaStackClient from 'llama-stack-client';
import type { ChatResponse, EmbedResponse, GenerateResponse } from 'ollama';
import type OpenAI from 'openai';
import type { Prediction, ServerSentEvent } from 'replicate';
import type Together from 'together-ai';
import { tokenExtractors } from '../../lib/extraction/default-registry.js';
import { readResponse } from '../../lib/extraction/registry.js';
import { readStream } from './read-stream.js';

/**
 * A part of an SDK's type, however deep; with `satisfies`, a field that the type does not have is an error. Index
 * signatures, which would allow any, are left out.
 */
type PartOf<T> = T extends Uint8Array | Date | ((...args: never[]) => unknown)
  ? T
  : T extends readonly (infer Item)[]
    ? readonly PartOf<Item>[]
    : T extends object
      ? { readonly [field in keyof T as string extends field ? never : field]?: PartOf<T[field]> }
      : T;

/** The chunks of the stream that a function of an SDK returns. */
type ChunkOf<F> = F extends (...args: never[]) => AsyncIterable<infer Chunk> ? Chunk : never;

const counts = { inputTokens: 10, outputTokens: 7, totalTokens: 17 };

/** OpenAI's usage object, which its followers' SDKs have in their types too. */
const usage = {
  prompt_tokens: 10,
  completion_tokens: 7,
  total_tokens: 17,
  prompt_tokens_details: { cached_tokens: 4 },
  completion_tokens_details: { reasoning_tokens: 3 },
};
const detailed = { ...counts, cachedInputTokens: 4, reasoningTokens: 3 };

describe('tokenExtractors', () => {
  const responses: [sdk: string, payload: unknown, expected: object | undefined, model: string | undefined][] = [
    [
      'openai, chat',
      {
        object: 'chat.completion',
        model: 'm',
        choices: [{ finish_reason: 'stop', message: { content: 'Hi' } }],
        usage,
      } satisfies PartOf<OpenAI.ChatCompletion>,
      detailed,
      'm',
    ],
    [
      'openai, completion',
      {
        object: 'text_completion',
        model: 'm',
        choices: [{ finish_reason: 'stop', text: 'Hi' }],
        usage,
      } satisfies PartOf<OpenAI.Completion>,
      detailed,
      'm',
    ],
    [
      'openai, embeddings',
      {
        object: 'list',
        model: 'm',
        data: [{ object: 'embedding', embedding: [0.1] }],
        usage: { prompt_tokens: 10, total_tokens: 10 },
      } satisfies PartOf<OpenAI.CreateEmbeddingResponse>,
      { inputTokens: 10, totalTokens: 10 },
      'm',
    ],
    [
      'openai, responses',
      {
        object: 'response',
        model: 'm',
        status: 'completed',
        usage: {
          input_tokens: 10,
          input_tokens_details: { cached_tokens: 4 },
          output_tokens: 7,
          output_tokens_details: { reasoning_tokens: 3 },
          total_tokens: 17,
        },
      } satisfies PartOf<OpenAI.Responses.Response>,
      detailed,
      'm',
    ],
    [
      'openai, images',
      {
        created: 1,
        data: [{ b64_json: 'AA' }],
        usage: { input_tokens: 10, output_tokens: 7, total_tokens: 17 },
      } satisfies PartOf<OpenAI.ImagesResponse>,
      counts,
      undefined,
    ],
    [
      'openai, transcription',
      {
        text: 'Hi',
        usage: { type: 'tokens', input_tokens: 10, output_tokens: 7, total_tokens: 17 },
      } satisfies PartOf<OpenAI.Audio.Transcription>,
      counts,
      undefined,
    ],
    [
      'openai, moderation',
      { model: 'm', results: [{ flagged: true }] } satisfies PartOf<OpenAI.ModerationCreateResponse>,
      undefined,
      'm',
    ],
    [
      'groq-sdk',
      {
        object: 'chat.completion',
        model: 'm',
        choices: [{ finish_reason: 'stop', message: { content: 'Hi', reasoning: 'Hm' } }],
        usage: {
          prompt_tokens: 10,
          completion_tokens: 7,
          total_tokens: 17,
          prompt_time: 0.25,
          completion_time: 0.5,
        },
      } satisfies PartOf<Groq.Chat.ChatCompletion>,
      { ...counts, inferenceSeconds: 0.75 },
      'm',
    ],
    [
      'together-ai',
      {
        object: 'chat.completion',
        model: 'm',
        choices: [{ finish_reason: 'stop', text: 'Hi', message: { content: 'Hi' } }],
        usage: { prompt_tokens: 10, completion_tokens: 7, total_tokens: 17 },
      } satisfies PartOf<Together.Chat.ChatCompletion>,
      counts,
      'm',
    ],
    [
      '@anthropic-ai/sdk',
      {
        type: 'message',
        role: 'assistant',
        model: 'm',
        stop_reason: 'end_turn',
        usage: {
          input_tokens: 5,
          cache_read_input_tokens: 4,
          cache_creation_input_tokens: 1,
          output_tokens: 7,
          output_tokens_details: { thinking_tokens: 3 },
        },
      } satisfies PartOf<Anthropic.Message>,
      { ...detailed, cacheWriteInputTokens: 1 },
      'm',
    ],
    [
      '@google/genai',
      Object.assign(new GenerateContentResponse(), {
        candidates: [{ content: { parts: [{ functionCall: { name: 'weather' } }] } }],
        usageMetadata: {
          promptTokenCount: 8,
          toolUsePromptTokenCount: 2,
          cachedContentTokenCount: 4,
          candidatesTokenCount: 4,
          thoughtsTokenCount: 3,
          totalTokenCount: 17,
        },
        modelVersion: 'm',
      } satisfies PartOf<GenerateContentResponse>),
      detailed,
      'm',
    ],
    [
      '@google/genai, embeddings',
      Object.assign(new EmbedContentResponse(), {
        embeddings: [{ values: [0.1], statistics: { tokenCount: 10 } }],
      } satisfies PartOf<EmbedContentResponse>),
      { inputTokens: 10, totalTokens: 10 },
      undefined,
    ],
    [
      '@google/genai, interaction',
      {
        // @ts-expect-error the type leaves out what the API sends
        object: 'interaction',
        status: 'completed',
        model: 'm',
        usage: {
          total_input_tokens: 8,
          total_tool_use_tokens: 2,
          total_output_tokens: 4,
          total_thought_tokens: 3,
          total_cached_tokens: 4,
          total_tokens: 17,
        },
      } satisfies PartOf<Interactions.Interaction>,
      detailed,
      'm',
    ],
    [
      '@aws-sdk/client-bedrock-runtime, converse',
      {
        output: { message: { role: 'assistant', content: [{ text: 'Hi' }] } },
        stopReason: 'end_turn',
        usage: { inputTokens: 5, cacheReadInputTokens: 4, cacheWriteInputTokens: 1, outputTokens: 7, totalTokens: 17 },
        metrics: { latencyMs: 250 },
      } satisfies PartOf<ConverseCommandOutput>,
      { ...counts, cachedInputTokens: 4, cacheWriteInputTokens: 1, inferenceSeconds: 0.25 },
      undefined,
    ],
    [
      '@aws-sdk/client-bedrock-runtime, invoke',
      {
        body: llamaBytes({ prompt_token_count: 10, generation_token_count: 7 }),
        contentType: 'application/json',
      } satisfies Pick<InvokeModelCommandOutput, 'contentType'> & { body: Uint8Array },
      counts,
      undefined,
    ],
    [
      'cohere-ai, version 2',
      {
        finishReason: 'COMPLETE',
        message: { role: 'assistant' },
        usage: { tokens: { inputTokens: 10, outputTokens: 7 }, cachedTokens: 4 },
      } satisfies PartOf<Cohere.V2ChatResponse>,
      { ...counts, cachedInputTokens: 4 },
      undefined,
    ],
    [
      'cohere-ai, version 1',
      {
        text: 'Hi',
        finishReason: 'COMPLETE',
        meta: { apiVersion: { version: '1' }, tokens: { inputTokens: 10, outputTokens: 7 } },
      } satisfies PartOf<Cohere.NonStreamedChatResponse>,
      counts,
      undefined,
    ],
    [
      'cohere-ai, embeddings',
      {
        embeddings: { float: [[0.1]] },
        meta: { billedUnits: { inputTokens: 10 } },
      } satisfies PartOf<Cohere.EmbedByTypeResponse>,
      { inputTokens: 10, totalTokens: 10 },
      undefined,
    ],
    [
      '@mistralai/mistralai',
      {
        object: 'chat.completion',
        model: 'm',
        choices: [{ message: { content: 'Hi' }, finishReason: 'stop' }],
        usage: { promptTokens: 10, completionTokens: 7, totalTokens: 17 },
      } satisfies PartOf<ChatCompletionResponse>,
      counts,
      'm',
    ],
    [
      'ollama, chat',
      {
        model: 'm',
        created_at: new Date(0),
        done: true,
        message: { role: 'assistant', content: 'Hi' },
        prompt_eval_count: 10,
        prompt_eval_duration: 250_000_000,
        eval_count: 7,
        eval_duration: 500_000_000,
      } satisfies PartOf<ChatResponse>,
      { ...counts, inferenceSeconds: 0.75 },
      'm',
    ],
    [
      'ollama, embed',
      {
        model: 'm',
        embeddings: [[0.1]],
        total_duration: 750_000_000,
        load_duration: 500_000_000,
        prompt_eval_count: 10,
      } satisfies PartOf<EmbedResponse>,
      { inputTokens: 10, totalTokens: 10, inferenceSeconds: 0.25 },
      'm',
    ],
    [
      '@huggingface/inference',
      {
        generated_text: 'Hi',
        details: { generated_tokens: 7, prefill: [{ id: 1 }, { id: 2 }] },
      } satisfies PartOf<Awaited<ReturnType<typeof textGeneration>>>,
      { inputTokens: 2, outputTokens: 7, totalTokens: 9 },
      undefined,
    ],
    [
      'ai',
      {
        finishReason: 'stop',
        usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
        totalUsage: {
          inputTokens: 10,
          inputTokenDetails: { cacheReadTokens: 4, cacheWriteTokens: 1 },
          outputTokens: 7,
          outputTokenDetails: { reasoningTokens: 3 },
          totalTokens: 17,
        },
        response: { modelId: 'm' },
      } satisfies PartOf<GenerateTextResult<ToolSet, never>>,
      { ...detailed, cacheWriteInputTokens: 1 },
      'm',
    ],
    [
      'ai, embed',
      { value: 'Hi', embedding: [0.1], usage: { tokens: 10 } } satisfies PartOf<EmbedResult>,
      { inputTokens: 10, totalTokens: 10 },
      undefined,
    ],
    [
      '@ai-sdk/provider, embeddings',
      { embeddings: [[0.1]], usage: { tokens: 10 } } satisfies PartOf<EmbeddingModelV3Result>,
      { inputTokens: 10, totalTokens: 10 },
      undefined,
    ],
    [
      '@ai-sdk/provider',
      {
        finishReason: { unified: 'stop', raw: 'end_turn' },
        usage: { inputTokens: { total: 10, cacheRead: 4, cacheWrite: 1 }, outputTokens: { total: 7, reasoning: 3 } },
        response: { modelId: 'm' },
      } satisfies PartOf<LanguageModelV3GenerateResult>,
      { ...detailed, cacheWriteInputTokens: 1 },
      'm',
    ],
    [
      '@langchain/core',
      Object.assign(new AIMessage({ content: 'Hi', response_metadata: { model_name: 'm' } }), {
        usage_metadata: {
          input_tokens: 10,
          output_tokens: 7,
          total_tokens: 17,
          input_token_details: { cache_read: 4, cache_creation: 1 },
          output_token_details: { reasoning: 3 },
        } satisfies UsageMetadata,
      }),
      { ...detailed, cacheWriteInputTokens: 1 },
      'm',
    ],
    [
      '@langchain/core, result',
      {
        generations: [[{ text: 'Hi' }]],
        llmOutput: { tokenUsage: { promptTokens: 10, completionTokens: 7, totalTokens: 17 } },
      } satisfies LLMResult,
      counts,
      undefined,
    ],
    [
      'replicate',
      {
        model: 'm',
        status: 'succeeded',
        urls: { get: 'https://api.example' },
        metrics: { predict_time: 1 },
      } satisfies PartOf<Prediction>,
      undefined,
      'm',
    ],
  ];

  it.each(responses)('reads what the SDK hands over: %s', (_sdk, payload, expected, model) => {
    expect(tokenExtractors.extract(payload)).toEqual(expected);
    expect(readResponse(tokenExtractors, payload).model).toBe(model);
  });

  const streams: [sdk: string, chunks: readonly unknown[], firstOutputIndex: number, expected: object | undefined][] = [
    [
      'openai, chat',
      [
        { object: 'chat.completion.chunk', choices: [{ delta: { role: 'assistant', content: '' } }] },
        { object: 'chat.completion.chunk', choices: [{ delta: { refusal: 'No' }, finish_reason: null }] },
        { object: 'chat.completion.chunk', choices: [{ delta: {}, finish_reason: 'stop' }] },
        { object: 'chat.completion.chunk', choices: [], usage },
      ] satisfies PartOf<OpenAI.ChatCompletionChunk>[],
      1,
      detailed,
    ],
    [
      'openai, chat with a tool',
      [
        {
          object: 'chat.completion.chunk',
          choices: [{ delta: { tool_calls: [{ index: 0, function: { name: 'weather', arguments: '' } }] } }],
        },
        { object: 'chat.completion.chunk', choices: [{ delta: {}, finish_reason: 'tool_calls' }], usage },
      ] satisfies PartOf<OpenAI.ChatCompletionChunk>[],
      0,
      detailed,
    ],
    [
      'openai, responses',
      [
        { type: 'response.created', response: { object: 'response', model: 'm' } },
        { type: 'response.output_text.delta', delta: 'Hi' },
        {
          type: 'response.completed',
          response: { object: 'response', usage: { input_tokens: 10, output_tokens: 7, total_tokens: 17 } },
        },
      ] satisfies PartOf<OpenAI.Responses.ResponseStreamEvent>[],
      1,
      counts,
    ],
    [
      'openai, images',
      [
        { type: 'image_generation.partial_image', b64_json: 'AA' },
        { type: 'image_generation.completed', usage: { input_tokens: 10, output_tokens: 7, total_tokens: 17 } },
      ] satisfies PartOf<OpenAI.ImageGenStreamEvent>[],
      0,
      counts,
    ],
    [
      'openai, transcription',
      [
        { type: 'transcript.text.delta', delta: 'Hi' },
        {
          type: 'transcript.text.done',
          text: 'Hi',
          usage: { type: 'tokens', input_tokens: 10, output_tokens: 7, total_tokens: 17 },
        },
      ] satisfies PartOf<OpenAI.Audio.TranscriptionStreamEvent>[],
      0,
      counts,
    ],
    [
      'groq-sdk',
      [
        { object: 'chat.completion.chunk', choices: [{ delta: { content: '' } }], x_groq: { id: 'req' } },
        { object: 'chat.completion.chunk', choices: [{ delta: { reasoning: 'Hm' } }] },
        {
          object: 'chat.completion.chunk',
          choices: [{ delta: {}, finish_reason: 'stop' }],
          x_groq: { usage: { prompt_tokens: 10, completion_tokens: 7, total_tokens: 17 } },
        },
      ] satisfies PartOf<Groq.Chat.ChatCompletionChunk>[],
      1,
      counts,
    ],
    [
      'together-ai',
      [
        { object: 'chat.completion.chunk', choices: [{ delta: { content: 'Hi' } }] },
        {
          object: 'chat.completion.chunk',
          choices: [{ delta: {}, finish_reason: 'stop' }],
          usage: { prompt_tokens: 10, completion_tokens: 7, total_tokens: 17 },
        },
      ] satisfies PartOf<Together.Chat.ChatCompletionChunk>[],
      0,
      counts,
    ],
    [
      'llama-stack-client',
      [
        { object: 'chat.completion.chunk', choices: [{ delta: { content: 'Hi' }, finish_reason: null }] },
        { object: 'chat.completion.chunk', choices: [], usage },
      ] satisfies PartOf<LlamaStackClient.Chat.ChatCompletionChunk>[],
      0,
      detailed,
    ],
    [
      '@huggingface/inference, chat',
      [
        { choices: [{ delta: { content: 'Hi' } }], model: 'm' },
        { choices: [], usage: { prompt_tokens: 10, completion_tokens: 7, total_tokens: 17 } },
      ] satisfies PartOf<ChunkOf<typeof chatCompletionStream>>[],
      0,
      counts,
    ],
    [
      '@huggingface/inference, text',
      [
        { token: { text: 'Hi' }, generated_text: '' },
        {
          token: { text: '</s>' },
          generated_text: 'Hi',
          details: { prefill: Array(10).fill({ id: 1 }), generated_tokens: 7 },
        },
      ] satisfies PartOf<ChunkOf<typeof textGenerationStream>>[],
      0,
      counts,
    ],
    [
      '@anthropic-ai/sdk',
      [
        {
          type: 'message_start',
          message: { model: 'm', usage: { input_tokens: 6, cache_read_input_tokens: 4, output_tokens: 1 } },
        },
        { type: 'content_block_start', content_block: { type: 'text', text: '' } },
        { type: 'content_block_delta', delta: { type: 'thinking_delta', thinking: 'Hm' } },
        { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 7 } },
      ] satisfies PartOf<Anthropic.RawMessageStreamEvent>[],
      2,
      { ...counts, cachedInputTokens: 4 },
    ],
    [
      '@google/genai, interactions',
      [
        { event_type: 'interaction.created', interaction: { status: 'in_progress' } },
        { event_type: 'step.delta', delta: { type: 'thought_signature', signature: 'c2ln' } },
        { event_type: 'step.delta', delta: { type: 'text', text: 'Hi' } },
        {
          event_type: 'interaction.completed',
          interaction: { usage: { total_input_tokens: 10, total_output_tokens: 7, total_tokens: 17 } },
        },
      ] satisfies PartOf<Interactions.InteractionSSEEvent>[],
      2,
      counts,
    ],
    [
      '@aws-sdk/client-bedrock-runtime, converse',
      [
        { messageStart: { role: 'assistant' } },
        { contentBlockDelta: { delta: { reasoningContent: { text: 'Hm' } } } },
        { messageStop: { stopReason: 'end_turn' } },
        { metadata: { usage: { inputTokens: 10, outputTokens: 7, totalTokens: 17 } } },
      ] satisfies PartOf<ConverseStreamOutput>[],
      1,
      counts,
    ],
    [
      '@aws-sdk/client-bedrock-runtime, invoke',
      [
        { chunk: { bytes: llamaBytes({ generation: '', prompt_token_count: 10, generation_token_count: 1 }) } },
        { chunk: { bytes: llamaBytes({ generation: 'Hi', generation_token_count: 7 }) } },
      ] satisfies PartOf<ResponseStream>[],
      1,
      counts,
    ],
    [
      'cohere-ai',
      [
        { type: 'message-start', delta: { message: { role: 'assistant' } } },
        { type: 'tool-plan-delta', delta: { message: { toolPlan: 'I will' } } },
        {
          type: 'message-end',
          delta: { finishReason: 'COMPLETE', usage: { tokens: { inputTokens: 10, outputTokens: 7 } } },
        },
      ] satisfies PartOf<Cohere.V2ChatStreamResponse>[],
      1,
      counts,
    ],
    [
      'cohere-ai, version 1',
      [
        { eventType: 'text-generation', text: 'Hi' },
        {
          eventType: 'stream-end',
          response: { meta: { tokens: { inputTokens: 10, outputTokens: 7 } } },
        },
      ] satisfies PartOf<Cohere.StreamedChatResponse>[],
      0,
      counts,
    ],
    [
      '@mistralai/mistralai',
      [
        { data: { model: 'm', choices: [{ delta: { content: '' }, finishReason: null }] } },
        { data: { choices: [{ delta: { toolCalls: [{ function: { name: 'weather', arguments: '' } }] } }] } },
        {
          data: {
            choices: [{ delta: {}, finishReason: 'stop' }],
            usage: { promptTokens: 10, completionTokens: 7, totalTokens: 17 },
          },
        },
      ] satisfies PartOf<CompletionEvent>[],
      1,
      counts,
    ],
    [
      'ollama',
      [
        { created_at: new Date(0), done: false, response: '', thinking: 'Hm' },
        { created_at: new Date(0), done: true, response: '', prompt_eval_count: 10, eval_count: 7 },
      ] satisfies PartOf<GenerateResponse>[],
      0,
      counts,
    ],
    [
      'ai',
      [
        { type: 'start' },
        { type: 'start-step' },
        { type: 'text-delta', id: '1', text: 'Hi' },
        { type: 'finish-step', usage: { inputTokens: 1, outputTokens: 1 } },
        { type: 'finish', finishReason: 'stop', totalUsage: { inputTokens: 10, outputTokens: 7, totalTokens: 17 } },
      ] satisfies PartOf<TextStreamPart<ToolSet>>[],
      2,
      counts,
    ],
    [
      '@ai-sdk/provider, specification 2',
      [
        { type: 'stream-start', warnings: [] },
        { type: 'reasoning-delta', id: '1', delta: 'Hm' },
        {
          type: 'finish',
          finishReason: 'stop',
          usage: { inputTokens: 10, outputTokens: 7, totalTokens: 17, cachedInputTokens: 4, reasoningTokens: 3 },
        },
      ] satisfies PartOf<LanguageModelV2StreamPart>[],
      1,
      detailed,
    ],
    [
      '@ai-sdk/provider, specification 3',
      [
        { type: 'response-metadata', modelId: 'm' },
        { type: 'tool-input-start', id: '1', toolName: 'weather' },
        {
          type: 'finish',
          finishReason: { unified: 'stop', raw: 'stop' },
          usage: { inputTokens: { total: 10 }, outputTokens: { total: 7 } },
        },
      ] satisfies PartOf<LanguageModelV3StreamPart>[],
      1,
      counts,
    ],
    [
      '@langchain/core',
      [
        countingChunk({ input_tokens: 10, output_tokens: 0, total_tokens: 10 }),
        new AIMessageChunk({ content: '', tool_call_chunks: [{ name: 'weather', args: '' }] }),
        countingChunk({ input_tokens: 0, output_tokens: 7, total_tokens: 7 }),
      ],
      1,
      counts,
    ],
    [
      'replicate',
      [
        { event: 'output', data: '' },
        { event: 'output', data: 'Hi' },
        { event: 'done', data: '{}' },
      ] satisfies PartOf<ServerSentEvent>[],
      1,
      undefined,
    ],
  ];

  it.each(streams)('reads the stream that the SDK hands over: %s', (_sdk, chunks, firstOutputIndex, expected) => {
    expect(readStream(chunks)).toMatchObject({ usage: expected, firstOutputIndex, failed: false });
  });

  it("keeps off the getters of Gemini's response, which write to the console", () => {
    const warned: unknown[] = [];
    const warn = console.warn;
    console.warn = (...message) => warned.push(message);
    try {
      readResponse(
        tokenExtractors,
        Object.assign(new GenerateContentResponse(), {
          candidates: [{ content: { parts: [{ functionCall: { name: 'weather' } }] } }],
        }),
      );
    } finally {
      console.warn = warn;
    }

    expect(warned).toEqual([]);
  });
});

function countingChunk(usage_metadata: UsageMetadata): AIMessageChunk {
  return Object.assign(new AIMessageChunk(''), { usage_metadata });
}

function llamaBytes(body: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(body));
}
