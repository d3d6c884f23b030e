import OpenAI from 'openai';
import type { ServerPlan } from '../model-server.js';
import { TOKENS, UNTIL } from './answers.js';
import { failure, type Kinds, read } from './kind.js';

type Params = OpenAI.ChatCompletionCreateParams;
interface Options {
  readonly signal?: AbortSignal;
  readonly timeout?: number;
  readonly plan?: ServerPlan;
}

/** The real client of OpenAI, and fetch itself, against a server on this machine. */
export const client: Kinds = ({ TrackInference }, serverUrl) => {
  const openai = new OpenAI({ apiKey: 'none', baseURL: serverUrl, maxRetries: 1 });
  const requestOptions = ({ plan, ...options }: Options) => ({
    ...options,
    ...(plan !== 'is busy once' && { maxRetries: 0 }),
    ...(plan && { headers: { 'x-plan': plan } }),
  });

  class Router {
    @TrackInference({ endpointType: 'chat_completion', provider: 'openai' })
    create(params: Params, options: Options = {}) {
      return openai.chat.completions.create(params, requestOptions(options));
    }

    @TrackInference({ endpointType: 'chat_completion', provider: 'openai' })
    helper(params: OpenAI.ChatCompletionCreateParamsStreaming) {
      return openai.chat.completions.stream(params);
    }

    @TrackInference({ endpointType: 'chat_completion', provider: 'openai' })
    fetched(params: Params, { plan }: Options = {}): Promise<Response> {
      return fetch(`${serverUrl}/chat/completions`, {
        method: 'POST',
        body: JSON.stringify(params),
        ...(plan && { headers: { 'x-plan': plan } }),
      });
    }
  }

  const router = new Router();
  const ask = (model: string) => ({ model, messages: [{ role: 'user' as const, content: 'Good day?' }] });
  const askStream = (model: string) => ({
    ...ask(model),
    stream: true as const,
    stream_options: { include_usage: true },
  });
  const stream = async (model: string, options?: Options) =>
    (await router.create(askStream(model), options)) as AsyncIterable<unknown> & { controller: AbortController };

  const chat = { provider: 'openai', endpoint: 'chat_completion', stream: false } as const;
  const answer = { ...chat, status: 'success', tokens: TOKENS } as const;
  const whole = { ...answer, stream: true, firstToken: true } as const;
  const left = { ...chat, stream: true, status: 'cancelled', firstToken: true } as const;
  const failed = { ...chat, status: 'error' } as const;

  return {
    async 'client gets an answer'({ model }) {
      await router.create(ask(model));
      return { ...answer, model };
    },
    async 'client gets an answer with its response'({ model }) {
      await router.create(ask(model)).withResponse();
      return { ...answer, model };
    },
    async 'client tries again by itself'({ model }) {
      await router.create(ask(model), { plan: 'is busy once' });
      return { ...answer, model };
    },
    async 'client is refused'({ model }) {
      await failure(router.create(ask(model), { plan: 'refuses' }));
      return { ...failed, model };
    },
    async 'client runs into its timeout'({ model }) {
      await failure(router.create(ask(model), { plan: 'says nothing', timeout: 20 }));
      return { ...failed, model };
    },
    async 'client stream is read to its end'({ model }) {
      await read(await stream(model));
      return { ...whole, model };
    },
    async 'client stream is left'({ model }) {
      await read(await stream(model, { plan: 'hangs' }), UNTIL.output);
      return { ...left, model };
    },
    async 'client stream is aborted'({ model }) {
      const controller = new AbortController();
      let passed = 0;
      for await (const _ of await stream(model, { plan: 'hangs', signal: controller.signal })) {
        if (++passed === UNTIL.output) controller.abort();
      }
      return { ...left, model };
    },
    async 'client stream is cut'({ model }) {
      await failure(read(await stream(model, { plan: 'cuts' })));
      return { ...failed, stream: true, firstToken: true, model };
    },
    async 'client stream is never read'({ model }) {
      await stream(model);
      return { ...left, firstToken: false, model };
    },
    async 'client helper is read to its end'({ model }) {
      await router.helper(askStream(model)).finalChatCompletion();
      return { ...whole, model };
    },
    async 'fetch gets an answer'({ model }) {
      await (await router.fetched(ask(model))).json();
      return { ...answer, model };
    },
    async 'fetch gets a stream'({ model }) {
      await (await router.fetched(askStream(model))).text();
      return { ...whole, model };
    },
    async 'fetch stream is cancelled'({ model }) {
      const reader = (await router.fetched(askStream(model), { plan: 'hangs' })).body?.getReader();
      await reader?.read();
      await reader?.cancel();
      return { ...left, model };
    },
    async 'fetch is refused'({ model }) {
      await (await router.fetched(ask(model), { plan: 'refuses' })).text();
      return { ...failed, model };
    },
  };
};
