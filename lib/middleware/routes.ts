/**
 * Endpoint types by how the path of a request ends: `/v1/embeddings` is also the end of `/api/v1/embeddings`. The longest
 * end counts. `{model}` stands for a part that names the model. `false` leaves a path untracked.
 */
export type InferenceRoutes = Readonly<Record<string, string | false>>;

/** The paths of the usual inference APIs. A middleware's own `routes` are added to them. */
export const inferenceRoutes: InferenceRoutes = /* @__PURE__ */ Object.freeze({
  // OpenAI and all that is compatible, Azure's deployments among them
  '/chat/completions': 'chat_completion',
  '/v1/completions': 'completion',
  '/v1/embeddings': 'embeddings',
  '/v1/responses': 'responses',
  '/v1/moderations': 'moderations',
  '/v1/images/generations': 'image_generation',
  '/v1/audio/speech': 'speech',
  '/v1/audio/transcriptions': 'transcription',
  '/v1/audio/translations': 'translation',
  '/deployments/{model}/chat/completions': 'chat_completion',
  '/deployments/{model}/completions': 'completion',
  '/deployments/{model}/embeddings': 'embeddings',
  // Anthropic
  '/v1/messages': 'messages',
  '/v1/complete': 'completion',
  // Ollama
  '/api/chat': 'chat_completion',
  '/api/generate': 'completion',
  '/api/embed': 'embeddings',
  '/api/embeddings': 'embeddings',
  // Cohere, Jina, vLLM
  '/v1/chat': 'chat_completion',
  '/v2/chat': 'chat_completion',
  '/v1/embed': 'embeddings',
  '/v2/embed': 'embeddings',
  '/v1/rerank': 'rerank',
  '/v2/rerank': 'rerank',
  // llama-stack
  '/v1/inference/chat-completion': 'chat_completion',
  '/v1/inference/completion': 'completion',
  '/v1/inference/embeddings': 'embeddings',
  // Google
  '/models/{model}:generateContent': 'chat_completion',
  '/models/{model}:streamGenerateContent': 'chat_completion',
  '/models/{model}:embedContent': 'embeddings',
  '/models/{model}:batchEmbedContents': 'embeddings',
  // Bedrock
  '/model/{model}/converse': 'chat_completion',
  '/model/{model}/converse-stream': 'chat_completion',
});

/** What the path of a request tells. */
export interface Route {
  readonly endpointType: string;
  readonly model: string | undefined;
}

interface Pattern {
  /** What a path must contain for the test to be worth its time. */
  readonly hint: string;
  readonly test: RegExp;
  readonly endpointType: string | false;
}

/** Finds the endpoint type of a path, in a time that hardly grows with the table. */
export class RouteTable {
  readonly #literals = new Map<string, string | false>();
  readonly #patterns: Pattern[] = [];
  #mostParts = 0;

  constructor(routes: InferenceRoutes) {
    for (const [end, endpointType] of Object.entries(routes)) {
      if (end.includes('{model}')) this.#patterns.push({ ...patternOf(end), endpointType });
      else this.#literals.set(end, endpointType);
      this.#mostParts = Math.max(this.#mostParts, end.split('/').length - 1);
    }
    this.#patterns.sort((one, other) => other.test.source.length - one.test.source.length);
  }

  find(path: string): Route | undefined {
    for (const { hint, test, endpointType } of this.#patterns) {
      const model = path.includes(hint) ? test.exec(path)?.[1] : undefined;
      if (model !== undefined) return endpointType ? { endpointType, model: decoded(model) } : undefined;
    }
    let found: string | false | undefined;
    for (let parts = 0, at = path.length; parts < this.#mostParts && at > 0; parts++) {
      at = path.lastIndexOf('/', at - 1);
      if (at < 0) break;
      found = this.#literals.get(path.slice(at)) ?? found;
    }
    return found ? { endpointType: found, model: undefined } : undefined;
  }
}

function patternOf(end: string): Pick<Pattern, 'hint' | 'test'> {
  const [before = '', after = ''] = end.split('{model}');
  return { hint: before, test: new RegExp(`${escaped(before)}([^/]+)${escaped(after)}$`) };
}

function escaped(text: string): string {
  return text.replace(/[.*+?^$()|[\]\\{}]/g, '\\$&');
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The path of a request's URL, whole or relative, without its query. A slash at the end does not count. */
export function pathOf(url: string): string {
  const scheme = url.indexOf('://');
  const from = scheme < 0 || url.startsWith('/') ? 0 : url.indexOf('/', scheme + 3);
  if (from < 0) return '/';
  let to = url.slice(from).search(/[?#]/);
  to = to < 0 ? url.length : from + to;
  while (to > from + 1 && url[to - 1] === '/') to--;
  return url.slice(from, to);
}
