import { byHand } from './by-hand.js';
import type { Case } from './case.js';
import { type ChatMethod, type ChatResponse, request, response } from './chat.js';
import { useSdk } from './open-telemetry.js';
import { trackerFor } from './tracked.js';

const complete: ChatMethod<ChatResponse> = async () => response;
const method: ChatMethod<ChatResponse> = async (asked) => {
  const answer = await complete(asked);
  return answer;
};

/** Requests that go through that many attribute sets in turn. */
function spread(name: string, sets: number, make: () => ChatMethod<ChatResponse>): Case {
  return {
    id: `request among ${sets.toLocaleString('en')} attribute sets/${name}`,
    per: 'request',
    async prepare() {
      const requests = Array.from({ length: sets }, (_, index) => ({ ...request, model: `model-${index}` }));
      const call = make();
      for (const each of requests) await call(each);
      let next = 0;
      return async (times) => {
        for (let i = 0; i < times; i++) {
          await call(requests[next] as typeof request);
          next = next + 1 === sets ? 0 : next + 1;
        }
      };
    },
  };
}

export const cardinalityCases: readonly Case[] = [1, 100, 2000].flatMap((sets) => {
  const labelLimits = { model: 10_000 };
  return [
    spread('bare', sets, () => method),
    spread('by hand', sets, () => {
      useSdk();
      return byHand(complete);
    }),
    spread('track-inference, default sink', sets, () =>
      trackerFor('default sink', { labelLimits }).trackInference(method, 'chat_completion'),
    ),
    spread('track-inference, producer', sets, () =>
      trackerFor('producer', { labelLimits }).trackInference(method, 'chat_completion'),
    ),
  ];
});
