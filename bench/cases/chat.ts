/** What a router's method is asked, and what its back end answers: fixed, so that only the tracking differs. */
export interface ChatRequest {
  readonly model: string;
  readonly stream: boolean;
  readonly messages: readonly object[];
}

export type ChatMethod<Result> = (request: ChatRequest) => Promise<Result>;

export const request: ChatRequest = { model: 'gpt-4o-mini', stream: false, messages: [] };
export const streamRequest: ChatRequest = { ...request, stream: true };

const usage = { prompt_tokens: 200, completion_tokens: 50, total_tokens: 250 };

export const response = asParsed({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_760_000_000,
  model: 'gpt-4o-mini-2024-07-18',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello there.' }, finish_reason: 'stop' }],
  usage,
});
export type ChatResponse = typeof response;

export interface ChatChunk {
  readonly id: string;
  readonly object: string;
  readonly created: number;
  readonly model: string;
  readonly choices: readonly {
    readonly index: number;
    readonly delta: { readonly role?: string; readonly content?: string };
    readonly finish_reason: string | null;
  }[];
  readonly usage?: typeof usage;
}

/** A stream of that many chunks: the role, text, the finishing chunk, the usage. */
export function chunks(count: number): ChatChunk[] {
  const { id, created, model } = response;
  const base = { id, object: 'chat.completion.chunk', created, model };
  const list: ChatChunk[] = [
    { ...base, choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] },
  ];
  for (let i = 3; i < count; i++) {
    list.push({ ...base, choices: [{ index: 0, delta: { content: ` word${i}` }, finish_reason: null }] });
  }
  list.push({ ...base, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
  list.push({ ...base, choices: [], usage });
  return asParsed(list);
}

/** A generator that is the back end's, not the method's own. */
export async function* iterate(list: readonly ChatChunk[]): AsyncGenerator<ChatChunk> {
  for (const chunk of list) yield chunk;
}

/**
 * Reads a stream as its consumers do, text and all. Were nobody else to look at the chunks, whoever tracks them would be
 * charged for fetching them from slow memory; a client has them at hand, having just parsed them.
 */
export async function consume(stream: AsyncIterable<ChatChunk>): Promise<number> {
  let length = 0;
  for await (const { choices } of stream) length += choices[0]?.delta.content?.length ?? 0;
  return length;
}

/** As a client hands it over: what JSON.parse makes has other hidden classes than literals and spreads have. */
function asParsed<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
