import { setImmediate as turn } from 'node:timers/promises';
import { currentInference } from 'track-inference';
import type { Truth } from '../ledger.js';
import { BackendFailure, completion, embeddings, TOKENS, untilAborted } from './answers.js';
import { failure, type Kinds } from './kind.js';

interface Request {
  readonly model?: string;
  readonly tenant?: string;
  readonly plan?: 'rejects' | 'throws' | 'waits';
  readonly signal?: AbortSignal;
}

/** Values and promises, in time, late, failed, aborted and forgotten. */
export const values: Kinds = ({ TrackInference }) => {
  class Router {
    @TrackInference({ endpointType: 'chat_completion' })
    async chat({ model = 'small', plan, signal }: Request): Promise<object> {
      await turn();
      currentInference()?.setProvider('local');
      if (plan === 'rejects') throw new BackendFailure('no');
      if (plan === 'waits') await untilAborted(signal);
      return completion(model);
    }

    @TrackInference({ provider: 'local', attributes: ({ tenant }) => ({ tenant }) })
    embeddings({ model = 'small', plan }: Request): object {
      if (plan === 'throws') throw new BackendFailure('no');
      return embeddings(model);
    }
  }

  const router = new Router();
  const chat = { provider: 'local', endpoint: 'chat_completion', stream: false } as const;
  const embedding = { provider: 'local', endpoint: 'embeddings', stream: false } as const;
  const success = { status: 'success', tokens: TOKENS } as const;

  return {
    async 'promise resolves'({ model }) {
      await router.chat({ model });
      return { ...chat, ...success, model };
    },
    async 'the response names the model'() {
      await router.chat({});
      return { ...chat, ...success, model: 'small' };
    },
    async 'promise rejects'({ model }) {
      await failure(router.chat({ model, plan: 'rejects' }));
      return { ...chat, model, status: 'error' };
    },
    async 'promise is aborted'({ model }) {
      const controller = new AbortController();
      const response = router.chat({ model, plan: 'waits', signal: controller.signal });
      setImmediate(() => controller.abort());
      await failure(response);
      return { ...chat, model, status: 'cancelled' };
    },
    async 'promise runs into a deadline'({ model }) {
      await failure(router.chat({ model, plan: 'waits', signal: AbortSignal.timeout(2) }));
      return { ...chat, model, status: 'error' };
    },
    async 'promise is forgotten'({ model }): Promise<Truth> {
      void router.chat({ model, plan: 'waits' });
      await turn();
      return { ...chat, model, status: 'cancelled' };
    },
    async 'value, with a flood of tenants'({ unique }) {
      router.embeddings({ model: 'large', tenant: unique });
      return { ...embedding, status: 'success', tokens: { input: 10 }, model: 'large' };
    },
    async 'method throws'({ model }) {
      await failure(() => router.embeddings({ model, plan: 'throws' }));
      return { ...embedding, model, status: 'error' };
    },
  };
};
