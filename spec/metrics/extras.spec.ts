import { diag } from '@opentelemetry/api';
import { currentInference } from 'track-inference';
import { createTestTracker, type TestTracker, type TestTrackerOptions } from 'track-inference/testing';
import { role, text } from '../support/chunks.js';
import { heardWarnings } from '../support/warnings.js';

let tracker: TestTracker;
let warnings: string[];
beforeEach(() => {
  warnings = heardWarnings();
});
const using = (options: TestTrackerOptions) => {
  tracker = createTestTracker(options);
};
afterEach(async () => {
  await tracker.dispose();
  diag.disable();
  expect(warnings).toEqual([]);
});

const usage = {
  prompt_tokens: 100,
  completion_tokens: 51,
  total_tokens: 151,
  prompt_tokens_details: { cached_tokens: 80 },
  completion_tokens_details: { reasoning_tokens: 20 },
};
const base = { endpoint_type: 'chat', stream: true, model: 'served-model' };

/** A stream: its first output after `first` ms, its end after `rest` more. */
async function stream(first: number, rest: number, leave = false): Promise<void> {
  const chunks = tracker.trackInference(async function* chat() {
    tracker.clock.advance(first);
    yield text('a');
    tracker.clock.advance(rest);
    yield { object: 'chat.completion.chunk', choices: [], usage };
  });
  for await (const _ of chunks()) if (leave) break;
}

const values = async (name: string) =>
  (await tracker.rows(name)).map(({ attributes, value, sum }) => ({ ...attributes, value: value ?? sum }));

describe("extras: ['tokens']", () => {
  it('counts tokens, cached and reasoning ones apart, so that the parts add up to the whole', async () => {
    using({ extras: ['tokens'] });
    await stream(100, 100);
    expect(await values('input_tokens_total')).toEqual([
      { ...base, status: 'success', cached: false, value: 20 },
      { ...base, status: 'success', cached: true, value: 80 },
    ]);
    expect(await values('output_tokens_total')).toEqual([
      { ...base, status: 'success', reasoning: false, value: 31 },
      { ...base, status: 'success', reasoning: true, value: 20 },
    ]);
  });

  it.each<[string, object | undefined]>([
    ['unknown', undefined],
    ['known in their total alone', { totalTokens: 7 }],
  ])('counts nothing where the tokens are %s', async (_how, stated) => {
    using({ extras: ['tokens'] });
    tracker.trackInference(() => 'text', { usage: () => stated })();
    expect(await values('input_tokens_total')).toEqual([]);
    expect(await values('output_tokens_total')).toEqual([]);
  });

  it('opens no series for cached or reasoning tokens that there are none of', async () => {
    using({ extras: ['tokens'] });
    for (const parts of [{}, { cachedInputTokens: 0, reasoningTokens: 0 }]) {
      tracker.trackInference(() => 'text', {
        endpointType: 'chat',
        usage: () => ({ inputTokens: 10, outputTokens: 20, ...parts }),
      })();
    }
    const series = { endpoint_type: 'chat', stream: false, status: 'success' };
    expect(await values('input_tokens_total')).toEqual([{ ...series, cached: false, value: 20 }]);
    expect(await values('output_tokens_total')).toEqual([{ ...series, reasoning: false, value: 40 }]);
  });

  it('never counts more cached or reasoning tokens than there are tokens', async () => {
    using({ extras: ['tokens'] });
    tracker.trackInference(() => 'text', {
      usage: () => ({ inputTokens: 10, cachedInputTokens: 11, outputTokens: 20, reasoningTokens: 21 }),
    })();
    expect((await values('input_tokens_total')).map(({ value }) => value)).toEqual([0, 10]);
    expect((await values('output_tokens_total')).map(({ value }) => value)).toEqual([0, 20]);
  });
});

describe("extras: ['time_per_output_token']", () => {
  it('is the time after the first token over the tokens after it', async () => {
    using({ extras: ['time_per_output_token'] });
    await stream(200, 1000);
    expect(await values('time_per_output_token_seconds')).toEqual([{ ...base, status: 'success', value: 0.02 }]);
  });

  it('is recorded from two tokens on', async () => {
    using({ extras: ['time_per_output_token'] });
    const two = tracker.trackInference(
      async function* chat() {
        yield text('a');
        tracker.clock.advance(300);
        yield text('b');
      },
      { usage: () => ({ outputTokens: 2 }) },
    );
    for await (const _ of two());
    expect(await values('time_per_output_token_seconds')).toEqual([{ ...base, status: 'success', value: 0.3 }]);
  });

  it('is not recorded for values, nor for a single token', async () => {
    using({ extras: ['time_per_output_token'] });
    tracker.trackInference(() => ({ object: 'chat.completion', choices: [], usage }))();
    const single = tracker.trackInference(async function* () {
      currentInference()?.reportUsage({ outputTokens: 1 });
      yield text('a');
    });
    for await (const _ of single());
    expect(await values('time_per_output_token_seconds')).toEqual([]);
  });
});

describe("extras: ['attempts']", () => {
  it('counts each nested call by its own provider and status, and a request without any as one', async () => {
    using({ extras: ['attempts'] });
    const attempt = tracker.trackInference(
      async function attempt(provider: string, fails: boolean) {
        if (fails) throw new Error(provider);
      },
      { provider: (provider) => provider, model: 'm' },
    );
    const router = tracker.trackInference(async function router() {
      for (const [provider, fails] of [
        ['a', true],
        ['a', true],
        ['b', false],
      ] as const) {
        await attempt(provider, fails).catch(() => {});
      }
    });
    await router();
    tracker.trackInference(function direct() {})();
    expect(await values('attempts_total')).toEqual([
      { endpoint_type: 'attempt', model: 'm', provider: 'a', stream: false, status: 'error', value: 2 },
      { endpoint_type: 'attempt', model: 'm', provider: 'b', stream: false, status: 'success', value: 1 },
      { endpoint_type: 'direct', stream: false, status: 'success', value: 1 },
    ]);
    expect((await values('requests_total')).filter(({ value }) => value !== 0)).toMatchObject([
      { endpoint_type: 'router', provider: 'b', status: 'success', value: 1 },
      { endpoint_type: 'direct', value: 1 },
    ]);
  });
});

describe('slo', () => {
  const slo = { timeToFirstTokenSeconds: 0.5, timePerOutputTokenSeconds: 0.05, requestDurationSeconds: 4 };

  it.each<[string, number, number, boolean, boolean]>([
    ['all levels are met', 500, 2500, false, true],
    ['the first token is late', 501, 100, false, false],
    ['tokens are slow', 100, 2501, false, false],
    ['it takes too long', 500, 3501, false, false],
    ['it is left in good time', 100, 0, true, true],
    ['it is left after the first token was late', 600, 0, true, false],
  ])('where %s', async (_name, first, rest, leave, met) => {
    using({ slo });
    await stream(first, rest, leave);
    expect(await values('slo_requests_total')).toMatchObject([{ slo_met: met, value: 1 }]);
  });

  it('is not met by a request that fails', async () => {
    using({ slo });
    expect(
      tracker.trackInference(() => {
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(await values('slo_requests_total')).toMatchObject([{ slo_met: false, status: 'error', value: 1 }]);
  });

  it('does not ask a value for its first token, nor for the time of each', async () => {
    using({ slo });
    tracker.trackInference(
      () => {
        tracker.clock.advance(3000);
        return 'text';
      },
      { usage: () => ({ outputTokens: 51 }) },
    )();
    expect(await values('slo_requests_total')).toMatchObject([{ slo_met: true, value: 1 }]);
  });

  it('does not ask a single token for the time of each', async () => {
    using({ slo });
    const one = tracker.trackInference(
      async function* () {
        yield text('a');
        tracker.clock.advance(1000);
      },
      { usage: () => ({ outputTokens: 1 }) },
    );
    for await (const _ of one());
    expect(await values('slo_requests_total')).toMatchObject([{ slo_met: true, value: 1 }]);
  });

  it.each<[string, number, boolean, boolean]>([
    ['is left in good time', 500, true, true],
    ['is left late', 501, true, false],
    ['ends without one, however late', 3000, false, true],
  ])('where a stream with no first token %s', async (_how, waited, leave, met) => {
    using({ slo });
    const silent = tracker.trackInference(async function* () {
      tracker.clock.advance(waited);
      yield role;
    });
    for await (const _ of silent()) if (leave) break;
    expect(await values('slo_requests_total')).toMatchObject([{ slo_met: met, value: 1 }]);
  });

  it('does not ask a value that was left for its first token', async () => {
    using({ slo });
    const controller = new AbortController();
    const left = tracker.trackInference(async (_signal: AbortSignal) => {
      tracker.clock.advance(600);
      controller.abort();
      throw new Error('aborted');
    });
    await left(controller.signal).catch(() => {});
    expect(await values('slo_requests_total')).toMatchObject([{ slo_met: true, status: 'cancelled', value: 1 }]);
  });

  it.each<[object, boolean]>([
    [{ timeToFirstTokenSeconds: 0.1 }, true],
    [{ timePerOutputTokenSeconds: 0.05 }, true],
    [{ requestDurationSeconds: 2.6 }, true],
    [{ requestDurationSeconds: 2.5 }, false],
  ])('asks for %j alone', async (levels, met) => {
    using({ slo: levels });
    await stream(100, 2500);
    expect(await values('slo_requests_total')).toMatchObject([{ slo_met: met, value: 1 }]);
  });
});

describe('errorType', () => {
  class RateLimitError extends Error {
    readonly status = 429;
  }
  class APIConnectionError extends Error {}
  class HttpResponseError extends Error {
    readonly $metadata = { httpStatusCode: 503 };
  }

  it.each<[string, unknown, string]>([
    ['an HTTP status', new RateLimitError(), '429'],
    ['a status in $metadata', new HttpResponseError(), '503'],
    ['a status in a response', Object.assign(new Error(), { response: { status: 500 } }), '500'],
    ['a class', new APIConnectionError('secret: sk-123'), 'APIConnectionError'],
    ['a name', new DOMException('late', 'TimeoutError'), 'TimeoutError'],
    ['no class', new Error('plain'), 'Error'],
    ['a status that is none', Object.assign(new APIConnectionError(), { status: 200 }), 'APIConnectionError'],
    ['a name made of text', Object.assign(new Error(), { name: 'user said: hello' }), '_OTHER'],
    ['a string', 'secret', '_OTHER'],
    ['undefined', undefined, '_OTHER'],
    [
      'a trap',
      {
        get status(): number {
          throw new Error('trapped');
        },
      },
      '_OTHER',
    ],
  ])('is %s, on the request duration alone', async (_name, error, type) => {
    using({ errorType: true });
    try {
      tracker.trackInference(function chat() {
        throw error;
      })();
    } catch {}
    const failed = { endpoint_type: 'chat', stream: false, status: 'error' };
    expect(await values('request_duration_seconds')).toEqual([{ ...failed, 'error.type': type, value: 0 }]);
    expect(await values('inference_duration_seconds')).toEqual([{ ...failed, value: 0 }]);
    expect(await values('requests_total')).toEqual([{ ...failed, value: 1 }]);
  });

  it('adds no other metric', async () => {
    using({ errorType: true });
    const fails = tracker.trackInference(() => {
      throw new Error('no');
    });
    expect(fails).toThrow('no');
    expect(new Set((await tracker.rows()).map(({ name }) => name.replace('llama_stack.inference.', '')))).toEqual(
      new Set(['concurrent_requests', 'requests_total', 'request_duration_seconds', 'inference_duration_seconds']),
    );
  });

  it('takes at most 200 values', async () => {
    using({ errorType: true });
    for (let i = 0; i < 300; i++) {
      const error = Object.assign(new Error(), { name: `Error${i}` });
      try {
        tracker.trackInference(function chat() {
          throw error;
        })();
      } catch {}
    }
    expect(await values('request_duration_seconds')).toHaveLength(200);
  });

  it('is left out of what succeeds or is left', async () => {
    using({ errorType: true });
    await stream(100, 100);
    await stream(100, 100, true);
    expect((await values('request_duration_seconds')).map((row) => Object.hasOwn(row, 'error.type'))).toEqual([
      false,
      false,
    ]);
  });
});
