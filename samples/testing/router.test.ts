// A test of the router's metrics, here with Node's own test runner: `node --import tsx --test samples/testing/router.test.ts`.
// The kit is the same in Jest and Vitest; with `--expose-gc` it also tries the stream that nobody reads.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, it } from 'node:test';
import { assertConformance, createTestTracker, type ScriptedBackend, type TestTracker } from 'track-inference/testing';
import { type ChatParams, type Provider, Router } from './router.js';

const params: ChatParams = { model: 'small' };

function routerOver(backend: Pick<ScriptedBackend, 'stream' | 'respond'>): Router {
  const provider: Provider = {
    id: 'acme',
    stream: () => backend.stream() as AsyncIterable<object>,
    complete: () => backend.respond() as Promise<object>,
  };
  return new Router(provider);
}

it('counts every call once, however it ends', async () => {
  await assertConformance({
    stream: (backend) => routerOver(backend).chatCompletion({ ...params, stream: true }, backend.signal),
    response: (backend) => routerOver(backend).chatCompletion(params, backend.signal),
  });
});

let tracker: TestTracker;
beforeEach(() => {
  tracker = createTestTracker();
});
afterEach(() => tracker.dispose());

it('labels a request with the provider that served it, and times it', async () => {
  const answer = {
    object: 'chat.completion',
    choices: [],
    usage: { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 },
  };
  const router = new Router({
    id: 'acme',
    stream: () => assert.fail('no stream was asked for'),
    async complete() {
      tracker.clock.advance(2000);
      return answer;
    },
  });
  assert.equal(await router.chatCompletion(params, new AbortController().signal), answer);

  const labels = { model: 'small', provider: 'acme', endpoint_type: 'chat_completion', stream: false };
  const [requests] = (await tracker.rows('requests_total')).filter(({ value }) => value !== 0);
  assert.deepEqual(requests?.attributes, { ...labels, status: 'success' });
  const [duration] = await tracker.rows('request_duration_seconds');
  assert.equal(duration?.sum, 2);
  const [rate] = await tracker.rows('tokens_per_second');
  assert.equal(rate?.sum, 15);
});
