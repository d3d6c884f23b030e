import { jest } from '@jest/globals';
import { diag } from '@opentelemetry/api';
import { createInferenceTracker, currentInference, type InferenceRecord, type InferenceSink } from 'track-inference';
import { genAiWithChunks } from 'track-inference/gen-ai';
import { createTestTracker, type TestTracker, type TestTrackerOptions } from 'track-inference/testing';
import { leaveRequest } from '../../lib/call/left-requests.js';
import { runningCall } from '../../lib/call/running-call.js';
import type { TrackedCall } from '../../lib/call/tracked-call.js';
import { completion, finish, text, usage } from '../support/chunks.js';
import { collectUntil } from '../support/collect-garbage.js';
import { inFlight, only, outcome, requests } from '../support/readings.js';
import { heardWarnings } from '../support/warnings.js';

let tracker: TestTracker;
const using = (options: TestTrackerOptions = {}) => {
  tracker = createTestTracker(options);
};
afterEach(() => tracker.dispose());

const wait = (milliseconds: number) => tracker.clock.advance(milliseconds);
const inferenceSeconds = async () => (await only(tracker, 'inference_duration_seconds')).sum;

describe('the model of a call', () => {
  beforeEach(() => using());

  const modelOf = async (request: object, body: () => unknown = () => completion(1, 2)) => {
    tracker.trackInference((_request: object) => body())(request);
    return (await requests(tracker)).map((row) => (row as { model?: string }).model);
  };

  it.each<[when: string, request: object, said: unknown, model: string]>([
    ["is the response's where the request names an empty one", { model: '' }, undefined, 'served-model'],
    ["is the response's where code inside says nothing that is one", {}, 7, 'served-model'],
    ["is the response's where code inside says an empty one", {}, '', 'served-model'],
    ['is what code inside says, whatever the response names', {}, 'said', 'said'],
    ['is what code inside says, whatever the request names', { model: 'asked' }, 'said', 'said'],
    ['stays as the request named it where code inside says the same', { model: 'asked' }, 'asked', 'asked'],
  ])('%s', async (_, request, said, model) => {
    const body = () => {
      if (said !== undefined) currentInference()?.setModel(said as string);
      return completion(1, 2);
    };
    expect(await modelOf(request, body)).toEqual([model]);
  });

  it('is that of the first chunk that names one', async () => {
    const chat = tracker.trackInference(async function* (_request: object) {
      yield { object: 'chat.completion.chunk', choices: [] };
      yield { ...text('a'), model: 'first' };
      yield { ...text('b'), model: 'second' };
    });
    for await (const _ of chat({}));
    expect(await requests(tracker)).toMatchObject([{ model: 'first' }]);
  });
});

describe('a call that was given up', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
    using({ abandonAfterMs: 4, vocabularies: [genAiWithChunks] });
  });
  afterEach(() => void jest.useRealTimers());

  /** Lets four milliseconds pass, for the tracker and for its timer. */
  const giveUp = () => {
    for (let i = 0; i < 4; i++) {
      wait(1);
      jest.advanceTimersByTime(1);
    }
  };

  it('takes nothing in of a stream that comes after all', async () => {
    let answer = (_: unknown) => {};
    const asked: unknown[] = [];
    const chat = tracker.trackInference(() => new Promise<unknown>((resolve) => (answer = resolve)), {
      endpointType: 'chat',
      usage(chunk) {
        asked.push(chunk);
        return undefined;
      },
    });
    const promise = chat() as Promise<AsyncGenerator<object>>;
    giveUp();
    expect(await inFlight(tracker)).toBe(0);
    const before = await tracker.rows();
    answer(
      (async function* () {
        yield text('a');
        wait(5);
        yield text('b');
      })(),
    );
    const seen: object[] = [];
    for await (const chunk of await promise) seen.push(chunk);
    expect(seen).toEqual([text('a'), text('b')]);
    expect(asked).toEqual([]);
    expect(await tracker.rows()).toEqual(before);
    expect(await outcome(tracker)).toEqual({ status: 'cancelled', stream: false, seconds: 0, inFlight: 0 });
  });

  it('takes nothing in of a response that comes after all', async () => {
    let answer = (_: unknown) => {};
    const promise = tracker.trackInference(() => new Promise<unknown>((resolve) => (answer = resolve)))();
    giveUp();
    expect(await inFlight(tracker)).toBe(0);
    const before = await tracker.rows();
    const response = completion(10, 20);
    answer(response);
    expect(await promise).toBe(response);
    expect(await tracker.rows()).toEqual(before);
  });

  it('is none that lies within another', async () => {
    const inner = tracker.trackInference(() => new Promise(() => {}));
    const chat = tracker.trackInference(async function* chat() {
      void inner();
      for (let i = 0; i < 4; i++) {
        wait(1);
        yield text('a');
        jest.advanceTimersByTime(1);
      }
    });
    for await (const _ of chat());
    expect(await requests(tracker)).toMatchObject([{ endpoint_type: 'chat', count: 1 }]);
    // The inner call still runs, and counts up to then.
    expect(await inferenceSeconds()).toBe(0.004);
  });
});

describe('a stream', () => {
  beforeEach(() => using());

  it("counts its consumer's time as time in the model, unless that is asked for", async () => {
    const chat = tracker.trackInference(async function* () {
      yield text('a');
      wait(100);
    });
    for await (const _ of chat()) wait(1000);
    expect(await inferenceSeconds()).toBe(1.1);
  });

  it('that came by a promise was heard of last when it was handed out', async () => {
    await (async () => {
      await tracker.trackInference(() => {
        wait(10);
        return Promise.resolve().then(() => {
          wait(40);
          return (async function* () {
            yield text('a');
          })();
        });
      })();
      wait(1000);
    })();
    await collectUntil(async () => (await inFlight(tracker)) === 0);
    expect(await outcome(tracker)).toEqual({ status: 'cancelled', stream: true, seconds: 0.05, inFlight: 0 });
  });

  it('that came at once was heard of last when it was asked for', async () => {
    (() => {
      void tracker.trackInference(() => {
        wait(10);
        return (async function* () {
          yield text('a');
        })();
      })();
    })();
    wait(1000);
    await collectUntil(async () => (await inFlight(tracker)) === 0);
    expect(await outcome(tracker)).toEqual({ status: 'cancelled', stream: true, seconds: 0, inFlight: 0 });
  });

  it('has no first token where what looked like output is none', async () => {
    const chat = tracker.trackInference(async function* () {
      wait(100);
      yield { object: 'chat.completion.chunk', choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] };
      yield usage(10, 0);
    });
    for await (const _ of chat());
    expect(await tracker.rows('time_to_first_token_seconds')).toEqual([]);
  });
});

describe('a call that begins when the clock has run for long', () => {
  it('is timed from its own beginning', async () => {
    using({ vocabularies: [genAiWithChunks], errorType: true });
    wait(5000);
    const chat = tracker.trackInference(
      async function* (_request: object) {
        wait(100);
        yield { object: 'chat.completion.chunk', choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] };
        wait(200);
        yield text('a');
        wait(400);
        yield usage(10, 5);
        wait(800);
      },
      { endpointType: 'chat_completion', provider: 'p' },
    );
    for await (const _ of chat({ model: 'm' }));
    const sums = Object.fromEntries(
      (await tracker.rows())
        .filter(({ sum, name }) => sum !== undefined && !name.includes('token.usage'))
        .map(({ name, count, sum }) => [name.replace(/^(llama_stack\.inference|gen_ai)\./, ''), [count, sum]]),
    );
    expect(sums).toMatchObject({
      request_duration_seconds: [1, 1.5],
      inference_duration_seconds: [1, 1.5],
      time_to_first_token_seconds: [1, 0.3],
      tokens_per_second: [1, 10],
      'client.operation.time_to_first_chunk': [1, 0.1],
      'client.operation.time_per_output_chunk': [2, expect.closeTo(0.6, 12)],
    });
    const durations = await tracker.rows('request_duration_seconds');
    expect(durations.map(({ attributes }) => Object.hasOwn(attributes, 'error.type'))).toEqual([false]);
  });

  it('has no time of a chunk before its second one, nor of a first one where none came', async () => {
    using({ vocabularies: [genAiWithChunks] });
    wait(5000);
    const chat = tracker.trackInference(
      async function* (chunks: number) {
        for (let i = 0; i < chunks; i++) yield text('a');
      },
      { endpointType: 'chat_completion' },
    );
    for await (const _ of chat(0));
    expect((await tracker.rows()).filter(({ name }) => name.includes('chunk'))).toEqual([]);
    for await (const _ of chat(1));
    const rows = (await tracker.rows()).filter(({ name }) => name.includes('chunk'));
    expect(rows).toMatchObject([{ name: 'gen_ai.client.operation.time_to_first_chunk', count: 1, sum: 0 }]);
  });
});

describe('firstToken', () => {
  beforeEach(() => using());

  it('counts once, and no output after it', async () => {
    const chat = tracker.trackInference(async function* () {
      wait(100);
      currentInference()?.firstToken();
      wait(100);
      currentInference()?.firstToken();
      yield text('a');
    });
    for await (const _ of chat());
    expect(await only(tracker, 'time_to_first_token_seconds')).toMatchObject({ count: 1, sum: 0.1 });
  });

  it('is not recorded of what turns out to be no stream', async () => {
    tracker.trackInference(() => currentInference()?.firstToken())();
    expect(await tracker.rows('time_to_first_token_seconds')).toEqual([]);
  });
});

describe('measureInference', () => {
  beforeEach(() => using());

  it('gives the very promise once its call has settled', () => {
    const call = tracker.trackInference(() => currentInference())();
    const promise = Promise.resolve('late');
    expect(call?.measureInference(() => promise)).toBe(promise);
  });

  it('times a promise that is refused, up to then', async () => {
    const failure = new Error('refused');
    await tracker.trackInference(async () => {
      const measured = currentInference()?.measureInference(async () => {
        await null;
        wait(30);
        throw failure;
      });
      await expect(measured).rejects.toBe(failure);
      wait(70);
    })();
    expect(await inferenceSeconds()).toBe(0.03);
  });

  it('times a stream up to where its consumer leaves', async () => {
    await tracker.trackInference(async () => {
      const stream = currentInference()?.measureInference(async function* () {
        wait(30);
        yield text('a');
        wait(1000);
      }) as AsyncGenerator<object>;
      await stream.next();
      await stream.return(undefined);
      wait(70);
      await stream.next();
    })();
    expect(await inferenceSeconds()).toBe(0.03);
  });

  it('times for the outermost call what an inner one measures', async () => {
    const inner = tracker.trackInference(async () => {
      wait(10);
      await currentInference()?.measureInference(async () => wait(20));
      wait(40);
    });
    await tracker.trackInference(async () => {
      wait(80);
      await inner();
    })();
    expect(await inferenceSeconds()).toBe(0.02);
  });

  it('counts what is measured at the same time once', async () => {
    await tracker.trackInference(async () => {
      const measure = (milliseconds: number) =>
        currentInference()?.measureInference(async () => {
          await null;
          wait(milliseconds);
        });
      await Promise.all([measure(10), measure(20)]);
      wait(100);
      await measure(5);
    })();
    expect(await inferenceSeconds()).toBe(0.035);
  });

  it('times the stream of a call inside up to its end', async () => {
    const inner = tracker.trackInference(async function* () {
      wait(10);
      yield text('a');
      wait(20);
    });
    const outer = tracker.trackInference(async function outer() {
      wait(100);
      const stream = currentInference()?.measureInference(() => inner()) as AsyncGenerator<object>;
      for await (const _ of stream);
      wait(100);
    });
    await outer();
    expect(await requests(tracker)).toMatchObject([{ endpoint_type: 'outer', count: 1 }]);
    expect(await inferenceSeconds()).toBe(0.03);
  });

  it('times each subscription to an Observable', async () => {
    const { Subject } = await import('rxjs');
    const source = new Subject<object>();
    await tracker.trackInference(async () => {
      const measured = currentInference()?.measureInference(() => source);
      wait(100);
      const subscription = measured?.subscribe();
      wait(10);
      source.next(text('a'));
      subscription?.unsubscribe();
      wait(100);
      measured?.subscribe();
      wait(5);
      source.complete();
      wait(100);
    })();
    expect(await inferenceSeconds()).toBe(0.015);
  });

  it('ends once, however often the stream is asked after its end', async () => {
    await tracker.trackInference(async () => {
      const call = currentInference();
      const stream = call?.measureInference(async function* () {
        yield text('a');
        wait(10);
      }) as AsyncGenerator<object>;
      for await (const _ of stream);
      const other = call?.measureInference(async () => {
        await null;
        await null;
        wait(20);
      });
      await stream.next();
      await stream.return(undefined);
      await other;
      wait(100);
    })();
    expect(await inferenceSeconds()).toBe(0.03);
  });

  it('leaves an Observable alone that is subscribed to when no call runs', async () => {
    const { of } = await import('rxjs');
    const seen: unknown[] = [];
    const measured = tracker.trackInference(() => [currentInference()?.measureInference(() => of('a', 'b'))])()[0];
    wait(1000);
    measured?.subscribe((item) => seen.push(item));
    expect(seen).toEqual(['a', 'b']);
    expect(await inferenceSeconds()).toBe(0);
  });

  it('counts what still runs when the call settles up to then', async () => {
    tracker.trackInference(() => {
      wait(10);
      void currentInference()?.measureInference(() => new Promise(() => {}));
      wait(20);
    })();
    expect(await inferenceSeconds()).toBe(0.02);
  });
});

describe('what is asked for while the call runs', () => {
  beforeEach(() => using());

  it('gives its labels by the selectors, of the request that is then known', async () => {
    const chat = tracker.trackInference(
      (_request: object) => {
        runningCall()?.rereads({ model: 'm', provider: 'p', tenant: 't', stream: true });
        return undefined;
      },
      {
        endpointType: 'chat',
        provider: (request: { provider?: string }) => request.provider,
        attributes: (request: { tenant?: string }) => ({ tenant: request.tenant }),
      } as never,
    );
    chat({});
    expect(await requests(tracker)).toEqual([
      { model: 'm', provider: 'p', tenant: 't', endpoint_type: 'chat', stream: true, status: 'success', count: 1 },
    ]);
    expect(await inFlight(tracker)).toBe(0);
  });

  it('leaves labels that the request does not state, and those of a stream that came', async () => {
    const chat = tracker.trackInference(
      async function* (_request: object) {
        const call = currentInference();
        call?.setProvider('p');
        call?.setAttributes({ tenant: 't' });
        runningCall()?.rereads({ model: 'm', stream: false });
        yield text('a');
      },
      { endpointType: 'chat' },
    );
    for await (const _ of chat({}));
    expect(await requests(tracker)).toEqual([
      { model: 'm', provider: 'p', tenant: 't', endpoint_type: 'chat', stream: true, status: 'success', count: 1 },
    ]);
  });

  it('changes nothing of a call that has settled, and asks no selector for it', async () => {
    const asked: unknown[] = [];
    const provider = (request: unknown) => {
      asked.push(request);
      return 'p';
    };
    const call = tracker.trackInference((_request: object) => runningCall(), { provider })({ first: true });
    const before = await tracker.rows();
    call?.rereads({ model: 'late' });
    expect(await tracker.rows()).toEqual(before);
    expect(asked).toEqual([{ first: true }]);
  });
});

describe('nested calls', () => {
  let settled: InferenceRecord[];
  beforeEach(() => {
    settled = [];
    using({ onSettled: (record) => void settled.push(record) });
  });

  it('add up to the tokens of the request, under the model and provider of what answered', async () => {
    const adapter = tracker.trackInference(
      (answers: { model: string; provider: string; tokens: number }) => {
        currentInference()?.setModel(answers.model);
        if (answers.tokens === 0) throw new Error('down');
        return completion(answers.tokens, 1);
      },
      { provider: ({ provider }) => provider },
    );
    tracker.trackInference(function router() {
      adapter({ model: 'm1', provider: 'p1', tokens: 10 });
      adapter({ model: 'm2', provider: 'p2', tokens: 20 });
      try {
        adapter({ model: 'm3', provider: 'p3', tokens: 0 });
      } catch {}
    })();
    expect(settled).toMatchObject([
      {
        attributes: { model: 'm1', provider: 'p2', endpoint_type: 'router', status: 'success' },
        usage: { inputTokens: 30, outputTokens: 2, totalTokens: 32 },
      },
    ]);
    expect(settled).toHaveLength(1);
  });

  it('do not move a provider that is empty, or a model that the request named', async () => {
    const nameless = tracker.trackInference((_request: object) => completion(1, 1), { provider: (() => '') as never });
    tracker.trackInference(
      function router(_request: object) {
        return nameless({ model: 'inner' });
      },
      { provider: 'p' },
    )({ model: 'outer' });
    expect(settled).toMatchObject([{ attributes: { model: 'outer', provider: 'p' } }]);
  });

  it('that settle after the request change nothing of it', async () => {
    let answer = (_: unknown) => {};
    const adapter = tracker.trackInference(() => new Promise<unknown>((resolve) => (answer = resolve)), {
      provider: 'late',
    });
    const held: { inner?: unknown } = {};
    tracker.trackInference(function router() {
      held.inner = adapter();
      currentInference()?.setProvider('first');
    })();
    const before = await tracker.rows();
    answer(completion(10, 20));
    await held.inner;
    expect(await tracker.rows()).toEqual(before);
    expect(settled).toHaveLength(1);
  });

  it("say by a first token when the request's came", async () => {
    const adapter = tracker.trackInference(async function* () {
      wait(50);
      currentInference()?.firstToken();
      wait(50);
      yield { opaque: true };
    });
    const router = tracker.trackInference(async function* router() {
      wait(100);
      yield* adapter();
    });
    for await (const _ of router());
    expect(await only(tracker, 'time_to_first_token_seconds')).toMatchObject({ sum: 0.15 });
  });
});

describe('one stream', () => {
  beforeEach(() => using());

  async function* chunks(): AsyncGenerator<object> {
    yield text('a');
    wait(100);
  }
  const readAll = async (stream: AsyncIterable<object>) => {
    for await (const _ of stream);
  };
  const counted = async () =>
    (await requests(tracker)).map((row) => (row as { endpoint_type: string }).endpoint_type).sort();

  it('that a second call returns while the first is in flight is the request of the first', async () => {
    const shared = chunks();
    const one = tracker.trackInference(() => shared, 'one');
    const two = tracker.trackInference(() => shared, 'two');
    expect(one()).toBe(two());
    expect(two()).toBe(shared);
    expect(await inFlight(tracker)).toBe(1);
    await readAll(shared);
    expect(await requests(tracker)).toMatchObject([
      { endpoint_type: 'one', stream: true, status: 'success', count: 1 },
    ]);
    expect(await inFlight(tracker)).toBe(0);
  });

  it('that a call hands on from one inside is its request', async () => {
    const inner = tracker.trackInference(() => chunks(), 'inner');
    await readAll(tracker.trackInference(() => inner(), 'outer')());
    expect(await counted()).toEqual(['outer']);
    expect(await inferenceSeconds()).toBe(0.1);
  });

  it('is a request of each call that counts by itself', async () => {
    const shared = chunks();
    const one = tracker.trackInference(() => shared, 'one');
    const two = tracker.trackInference(() => shared, { endpointType: 'two', nested: 'separate' });
    one();
    await readAll(two());
    expect(await counted()).toEqual(['one', 'two']);
  });

  it('is a request of each tracker', async () => {
    const other = createTestTracker({ replaceDefault: false });
    const shared = chunks();
    void tracker.trackInference(() => shared, 'one')();
    await readAll(other.trackInference(() => shared, 'two')());
    expect(await counted()).toEqual(['one']);
    expect(await requests(other)).toMatchObject([{ endpoint_type: 'two', status: 'success', count: 1 }]);
    await other.dispose();
  });

  it('that is let go of after its finishing chunk is a success', async () => {
    await (async () => {
      const stream = tracker.trackInference(async function* () {
        yield text('a');
        wait(100);
        yield finish;
        yield text('never reached');
      })();
      await stream.next();
      await stream.next();
    })();
    wait(1000);
    await collectUntil(async () => (await inFlight(tracker)) === 0);
    expect(await outcome(tracker)).toMatchObject({ status: 'success', stream: true, firstToken: 0 });
  });
});

describe('a call that begins in the context of one that settled', () => {
  beforeEach(() => using());

  it('is its own request, and keeps nothing of the other', async () => {
    let isCollected = false;
    const registry = new FinalizationRegistry(() => {
      isCollected = true;
    });
    const second = tracker.trackInference(function* second() {
      yield text('a');
    });
    const first = tracker.trackInference(function first(gate: Promise<void>) {
      registry.register(currentInference() as object, undefined);
      return { later: gate.then(() => [second()]) };
    });
    const held = await (async () => {
      let open = () => {};
      const { later } = first(new Promise<void>((resolve) => (open = resolve)));
      open();
      return (await later)[0];
    })();
    await collectUntil(() => isCollected);
    for (const _ of held ?? []);
    expect(await requests(tracker)).toMatchObject([
      { endpoint_type: 'first', status: 'success', count: 1 },
      { endpoint_type: 'second', status: 'success', count: 1 },
    ]);
  });

  it.each([
    ['is part of a request that its client left', true, ['first']],
    ['is its own request, where the other was left otherwise', false, ['first', 'second']],
  ])('%s', async (_, byItsClient, counted) => {
    const second = tracker.trackInference(() => completion(1, 2), 'second');
    await tracker.trackInference(async () => {
      const call = runningCall();
      if (byItsClient) leaveRequest(call as never);
      else call?.left();
      await null;
      second();
    }, 'first')();
    const all = (await requests(tracker)) as { endpoint_type: string; status: string }[];
    expect(all.map(({ endpoint_type }) => endpoint_type)).toEqual(counted);
    expect(all[0]?.status).toBe('cancelled');
    expect(await inFlight(tracker)).toBe(0);
  });

  it('is its own request, where its client left one that was over', async () => {
    const second = tracker.trackInference(() => completion(1, 2), 'second');
    await tracker.trackInference(async () => {
      const call = runningCall();
      call?.value('answer');
      leaveRequest(call as never);
      await null;
      second();
    }, 'first')();
    expect(await requests(tracker)).toMatchObject([
      { endpoint_type: 'first', status: 'success' },
      { endpoint_type: 'second', status: 'success' },
    ]);
  });
});

describe('a call that turns out to be none', () => {
  beforeEach(() => using());

  it('takes nothing in any more, and leaves the count of requests in flight alone', async () => {
    const { NEVER } = await import('rxjs');
    const own: TrackedCall[] = [];
    tracker.trackInference(() => {
      own.push(runningCall() as TrackedCall);
      return NEVER;
    }, 'chat')();
    const before = await tracker.rows();
    own[0]?.setProvider('late');
    own[0]?.setAttributes({ late: true });
    own[0]?.failed(new Error('late'));
    own[0]?.left();
    expect(await tracker.rows()).toEqual(before);
    expect(await inFlight(tracker)).toBe(0);
    expect(await requests(tracker)).toEqual([]);
  });

  it('takes no time of the call around it', async () => {
    const { NEVER } = await import('rxjs');
    const inner = tracker.trackInference(() => NEVER, 'inner');
    tracker.trackInference(() => {
      inner();
      wait(100);
    }, 'outer')();
    expect(await requests(tracker)).toMatchObject([{ endpoint_type: 'outer', count: 1 }]);
    expect(await inferenceSeconds()).toBe(0);
  });
});

describe('the rate of tokens', () => {
  it.each([
    ['total', 30],
    ['output', 20],
  ] as const)(
    'is of %s tokens where the option says so, and is not recorded where none are known',
    async (throughput, rate) => {
      using({ throughput });
      const chat = tracker.trackInference((response: unknown) => {
        wait(1000);
        return response;
      }, 'chat');
      chat('text');
      expect(await tracker.rows('tokens_per_second')).toEqual([]);
      chat(completion(10, 20));
      expect(await only(tracker, 'tokens_per_second')).toMatchObject({ count: 1, sum: rate });
      expect((await requests(tracker)).map((row) => (row as { count: number }).count)).toEqual([1, 1]);
    },
  );

  it('is not recorded where no time passed, or no tokens came', async () => {
    using();
    tracker.trackInference(() => completion(10, 20), 'chat')();
    tracker.trackInference(() => {
      wait(1000);
      return completion(0, 0);
    }, 'chat')();
    expect(await tracker.rows('tokens_per_second')).toEqual([]);
    expect(await requests(tracker)).toMatchObject([{ count: 2 }]);
  });
});

describe('what goes wrong with telemetry', () => {
  let warnings: string[];
  beforeEach(() => {
    using();
    warnings = heardWarnings();
  });
  afterEach(() => diag.disable());

  const broken = (member: keyof InferenceSink): InferenceSink => ({
    prepare() {},
    entered: () => ({}),
    moved() {},
    settled() {},
    withdrawn() {},
    chunkPassed() {},
    instrument: () => undefined,
    [member]() {
      throw new Error(`${member} is broken`);
    },
  });

  it.each<[member: keyof InferenceSink, doing: string]>([
    ['entered', 'entering'],
    ['moved', 'moving'],
    ['settled', 'settling'],
    ['chunkPassed', 'timing a chunk'],
  ])('in the %s of a sink reaches the operator, and not the caller', async (member, doing) => {
    const own = createInferenceTracker({ sink: broken(member), vocabularies: [genAiWithChunks] });
    const chat = own.trackInference(async function* () {
      yield text('a');
      yield text('b');
    }, `broken_${member}`);
    const seen: object[] = [];
    for await (const chunk of chat()) seen.push(chunk);
    expect(seen).toEqual([text('a'), text('b')]);
    expect(warnings.filter((warning) => warning.includes(doing))).toEqual([
      expect.stringMatching(new RegExp(`^track-inference: .+: ${doing}: ${member} is broken$`)),
    ]);
  });

  it('in the withdrawn of a sink reaches the operator, and not the caller', async () => {
    const own = createInferenceTracker({ sink: broken('withdrawn') });
    const { of } = await import('rxjs');
    const seen: unknown[] = [];
    own
      .trackInference(function withdraws() {
        return of('a');
      })()
      .subscribe((item) => seen.push(item));
    expect(seen).toEqual(['a']);
    expect(warnings).toEqual([expect.stringMatching(/: withdrawing: withdrawn is broken$/)]);
  });

  const trap = {
    get inputTokens(): number {
      throw new Error('a trapped count');
    },
  };

  it.each<[doing: string, act: () => unknown]>([
    ['reportUsage', () => currentInference()?.reportUsage(trap)],
    [
      'setAttributes',
      () =>
        currentInference()?.setAttributes(
          new Proxy(
            {},
            {
              ownKeys() {
                throw new Error('a trapped count');
              },
            },
          ),
        ),
    ],
  ])('in what code inside says by %s reaches the operator, and not that code', async (doing, act) => {
    tracker.trackInference(() => act())();
    expect(await requests(tracker)).toMatchObject([{ status: 'success', count: 1 }]);
    expect(warnings).toEqual([expect.stringMatching(new RegExp(`: ${doing}: a trapped count$`))]);
  });

  it('in the option usage is said with its name', async () => {
    tracker.trackInference(() => completion(1, 2), {
      endpointType: 'chat',
      usage() {
        throw new Error('no usage today');
      },
    })();
    expect(warnings).toEqual([expect.stringMatching(/: option "usage": no usage today$/)]);
    expect(await requests(tracker)).toMatchObject([{ status: 'success', count: 1 }]);
  });

  it('with an extractor that nobody registered is said with its name', async () => {
    const answer = completion(1, 2);
    expect(tracker.trackInference(() => answer, { extractor: 'nobodys.shape' })()).toBe(answer);
    expect(warnings).toEqual([expect.stringMatching(/: no extractor is registered as "nobodys\.shape"$/)]);
  });
});
