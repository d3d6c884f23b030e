import { setImmediate as turn } from 'node:timers/promises';
import type { Attempt, Truth } from '../ledger.js';
import { BackendFailure, completion, type Plan, play, TOKENS, UNTIL, untilAborted } from './answers.js';
import { failure, type Kinds, read } from './kind.js';

interface Request {
  readonly model: string;
  readonly plan?: Plan;
  readonly signal?: AbortSignal;
}

/** A router over adapters of which each is tracked too: retries, fallbacks, hedges, and what counts apart. */
export const nested: Kinds = ({ TrackInference }) => {
  class Adapter {
    constructor(readonly provider: string) {}

    @TrackInference({
      endpointType: 'chat_completion',
      provider(this: Adapter) {
        return this.provider;
      },
    })
    async chat({ model, plan, signal }: Request): Promise<object> {
      await turn();
      if (plan === 'fails') throw new BackendFailure('no');
      if (plan === 'hangs') await untilAborted(signal);
      return completion(model);
    }

    @TrackInference({
      endpointType: 'chat_completion',
      provider(this: Adapter) {
        return this.provider;
      },
    })
    async stream({ model, plan }: Request): Promise<AsyncIterable<object>> {
      await turn();
      return play(model, plan);
    }

    @TrackInference({ endpointType: 'rerank', nested: 'separate', provider: 'alpha' })
    async rerank({ model }: Request): Promise<object> {
      return completion(model);
    }
  }

  const alpha = new Adapter('alpha');
  const beta = new Adapter('beta');

  class Router {
    @TrackInference({ endpointType: 'chat_completion' })
    async retried(request: Request): Promise<object> {
      try {
        return await alpha.chat({ ...request, plan: 'fails' });
      } catch {
        return beta.chat(request);
      }
    }

    @TrackInference({ endpointType: 'chat_completion' })
    async failed(request: Request): Promise<object> {
      await failure(alpha.chat({ ...request, plan: 'fails' }));
      return beta.chat({ ...request, plan: 'fails' });
    }

    /** Two at once; the first answer wins, the other attempt is aborted and waited for. */
    @TrackInference({ endpointType: 'chat_completion' })
    async hedged(request: Request): Promise<object> {
      const controller = new AbortController();
      const slow = alpha.chat({ ...request, plan: 'hangs', signal: controller.signal });
      const response = await Promise.any([slow, beta.chat(request)]);
      controller.abort();
      await failure(slow);
      return response;
    }

    @TrackInference({ endpointType: 'chat_completion' })
    async stream(request: Request): Promise<AsyncIterable<object>> {
      return beta.stream(request);
    }

    /** Begins again with another back end where the first one fails midway. */
    @TrackInference({ endpointType: 'chat_completion' })
    async *resumed(request: Request): AsyncGenerator<object> {
      await failure(read(await alpha.stream({ ...request, plan: 'fails' })));
      yield* await beta.stream(request);
    }

    @TrackInference({ endpointType: 'chat_completion', provider: 'beta' })
    async withRerank(request: Request): Promise<object> {
      await alpha.rerank({ model: 'small' });
      return completion(request.model);
    }
  }

  const router = new Router();
  const chat = { provider: 'beta', endpoint: 'chat_completion', stream: false } as const;
  const whole = { ...chat, stream: true, status: 'success', firstToken: true, tokens: TOKENS } as const;

  return {
    async 'retry succeeds'({ model }) {
      await router.retried({ model });
      const attempts: Attempt[] = [
        { ...chat, model, provider: 'alpha', status: 'error' },
        { ...chat, model, status: 'success' },
      ];
      return { ...chat, model, status: 'success', tokens: TOKENS, attempts };
    },
    async 'retry fails too'({ model }) {
      await failure(router.failed({ model }));
      const attempts: Attempt[] = [
        { ...chat, model, provider: 'alpha', status: 'error' },
        { ...chat, model, status: 'error' },
      ];
      return { ...chat, model, status: 'error', attempts };
    },
    async hedge({ model }) {
      await router.hedged({ model });
      const attempts: Attempt[] = [
        { ...chat, model, provider: 'alpha', status: 'cancelled' },
        { ...chat, model, status: 'success' },
      ];
      return { ...chat, model, status: 'success', tokens: TOKENS, attempts };
    },
    async 'nested stream is read to its end'({ model }) {
      await read(await router.stream({ model }));
      return { ...whole, model, attempts: [{ ...chat, stream: true, model, status: 'success' }] };
    },
    async 'nested stream is left'({ model }) {
      await read(await router.stream({ model }), UNTIL.output);
      const attempts: Attempt[] = [{ ...chat, stream: true, model, status: 'cancelled' }];
      return { ...chat, stream: true, model, status: 'cancelled', firstToken: true, attempts };
    },
    async 'nested stream is resumed elsewhere'({ model }) {
      await read(router.resumed({ model }));
      const attempts: Attempt[] = [
        { ...chat, stream: true, model, provider: 'alpha', status: 'error' },
        { ...chat, stream: true, model, status: 'success' },
      ];
      return { ...whole, model, attempts };
    },
    async 'nested call counts apart'({ model }): Promise<Truth[]> {
      await router.withRerank({ model });
      const apart = { model: 'small', provider: 'alpha', endpoint: 'rerank', stream: false } as const;
      return [
        { ...apart, status: 'success', tokens: TOKENS },
        { ...chat, model, status: 'success', tokens: TOKENS },
      ];
    },
  };
};
