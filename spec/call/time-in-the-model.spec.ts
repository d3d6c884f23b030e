import { currentInference, TrackInference, trackInference } from 'track-inference';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { text } from '../support/chunks.js';
import { only, requests } from '../support/readings.js';

let tracker: TestTracker;
beforeEach(() => {
  tracker = createTestTracker();
});
afterEach(() => tracker.dispose());

const wait = (milliseconds: number) => tracker.clock.advance(milliseconds);
const seconds = async () => (await only(tracker, 'inference_duration_seconds')).sum;

describe('the time in the model', () => {
  it('is the request duration where nothing else is known', async () => {
    trackInference(() => wait(300))();
    expect(await seconds()).toBe(0.3);
  });

  it('is what measureInference timed', async () => {
    await trackInference(async () => {
      wait(100);
      await currentInference()?.measureInference(async () => {
        await null;
        wait(200);
      });
      wait(50);
      expect(() =>
        currentInference()?.measureInference(() => {
          wait(25);
          throw new Error('kept');
        }),
      ).toThrow('kept');
    })();
    expect(await seconds()).toBe(0.225);
  });

  it('lasts to the end of a measured stream', async () => {
    const stream = trackInference(() => {
      wait(100);
      return currentInference()?.measureInference(async function* () {
        wait(100);
        yield text('a');
        wait(100);
      }) as AsyncGenerator<object>;
    })();
    for await (const _ of stream) wait(10);
    wait(1000);
    expect(await seconds()).toBe(0.21);
    expect(await requests(tracker)).toMatchObject([{ stream: true, status: 'success', count: 1 }]);
  });

  it("is the backend's own figure where the response states one", async () => {
    trackInference(() => {
      wait(1000);
      return { model: 'm', created_at: 'x', done: true, response: 'hi', total_duration: 5e8, eval_count: 3 };
    })();
    expect(await seconds()).toBe(0.5);
  });

  it('is the time inside nested calls, overlapping ones counted once', async () => {
    const inner = trackInference(async (milliseconds: number, release: Promise<void>) => {
      await release;
      wait(milliseconds);
    });
    await trackInference(async function outer() {
      wait(1000);
      await Promise.all([inner(100, Promise.resolve()), inner(200, Promise.resolve())]);
      wait(1000);
      await inner(50, Promise.resolve());
    })();
    expect(await seconds()).toBe(0.35);
    expect(await requests(tracker)).toHaveLength(1);
  });

  it('counts a nested call that still runs when the outer one settles up to then', async () => {
    const inner = trackInference(() => new Promise(() => {}));
    trackInference(() => {
      wait(100);
      void inner();
      wait(70);
    })();
    expect(await seconds()).toBe(0.07);
  });

  it("leaves the consumer's own time out with excludeConsumerTime", async () => {
    const own = createTestTracker({ excludeConsumerTime: true });
    const stream = await own.trackInference(async () => {
      own.clock.advance(100);
      return (async function* () {
        own.clock.advance(30);
        yield text('a');
        own.clock.advance(30);
        yield text('b');
        own.clock.advance(30);
      })();
    })();
    own.clock.advance(5000);
    for await (const _ of stream) own.clock.advance(1000);
    expect((await only(own, 'inference_duration_seconds')).sum).toBeCloseTo(0.19, 12);
    expect((await only(own, 'request_duration_seconds')).sum).toBeCloseTo(7.19, 12);
    await own.dispose();
  });

  it('reads the clock at entry, at the first output and at the end, and never per chunk', async () => {
    let readings = 0;
    const { createInferenceTracker } = await import('track-inference');
    const own = createInferenceTracker({ now: () => readings++, onSettled: () => {} });
    const stream = own.trackInference(async function* (chunks: number) {
      for (let i = 0; i < chunks; i++) yield text('a');
    });
    for await (const _ of stream(10));
    const few = readings;
    for await (const _ of stream(1000));
    expect(few).toBe(3);
    expect(readings).toBe(6);
  });
});

describe('nesting', () => {
  class Adapter {
    constructor(private readonly id: string) {}

    @TrackInference({
      provider() {
        return this.id;
      },
    })
    async complete(fails: boolean): Promise<object> {
      await null;
      wait(100);
      if (fails) throw new Error(`${this.id} is down`);
      return { usage: 'none' };
    }
  }
  class Router {
    @TrackInference({ endpointType: 'chat_completion', model: 'm' })
    async chat(adapters: [string, boolean][]): Promise<unknown> {
      let last: unknown;
      for (const [id, fails] of adapters) {
        try {
          return await new Adapter(id).complete(fails);
        } catch (error) {
          last = error;
        }
      }
      throw last;
    }

    @TrackInference({ nested: 'separate' })
    async counted(): Promise<void> {}

    @TrackInference()
    async around(): Promise<void> {
      await this.counted();
    }
  }

  it.each<[string, [string, boolean][], object]>([
    [
      'the provider that answered',
      [
        ['a', true],
        ['b', false],
      ],
      { provider: 'b', status: 'success' },
    ],
    [
      'the last one tried',
      [
        ['a', true],
        ['b', true],
      ],
      { provider: 'b', status: 'error' },
    ],
  ])('counts one request, under %s', async (_name, adapters, expected) => {
    await new Router().chat(adapters).catch(() => {});
    expect(await requests(tracker)).toEqual([
      { model: 'm', endpoint_type: 'chat_completion', stream: false, count: 1, ...expected },
    ]);
    expect(await seconds()).toBe(0.2);
  });

  it("counts the inner one with nested: 'separate'", async () => {
    await new Router().around();
    expect(await requests(tracker)).toMatchObject([{ endpoint_type: 'counted' }, { endpoint_type: 'around' }]);
  });

  it('counts a call that begins after the outer one settled', async () => {
    const inner = trackInference(function inner() {});
    let later: Promise<void> | undefined;
    trackInference(function outer() {
      later = Promise.resolve().then(() => inner());
    })();
    await later;
    expect(await requests(tracker)).toMatchObject([{ endpoint_type: 'outer' }, { endpoint_type: 'inner' }]);
  });

  it('counts calls of different trackers each', async () => {
    const other = createTestTracker({ replaceDefault: false });
    const inner = other.trackInference(function inner() {});
    trackInference(function outer() {
      inner();
    })();
    expect(await requests(tracker)).toMatchObject([{ endpoint_type: 'outer' }]);
    expect(await requests(other)).toMatchObject([{ endpoint_type: 'inner' }]);
    await other.dispose();
  });

  it("takes an inner call's usage where the outer result states none", async () => {
    const inner = trackInference(() => ({
      object: 'chat.completion',
      choices: [],
      usage: { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 },
    }));
    trackInference(function outer() {
      inner();
      wait(1000);
      return 'text only';
    })();
    expect(await only(tracker, 'tokens_per_second')).toMatchObject({ count: 1, sum: 30 });
  });

  it('puts what is said of an inner call on the request', async () => {
    const inner = trackInference(async function* inner() {
      currentInference()?.setAttributes({ region: 'eu' });
      wait(100);
      currentInference()?.firstToken();
      wait(100);
      yield { opaque: 1 };
    });
    for await (const _ of trackInference(function outer() {
      return inner();
    })());
    expect(await requests(tracker)).toMatchObject([{ endpoint_type: 'outer', region: 'eu', count: 1 }]);
    expect(await only(tracker, 'time_to_first_token_seconds')).toMatchObject({ sum: 0.1 });
  });

  it('counts a stream that passes through both calls once', async () => {
    const adapter = trackInference(
      async function* adapter() {
        yield text('a');
        wait(100);
      },
      { provider: 'p' },
    );
    const router = trackInference(async function router() {
      return adapter();
    });
    for await (const _ of await router());
    expect(await requests(tracker)).toEqual([
      { model: 'served-model', provider: 'p', endpoint_type: 'router', stream: true, status: 'success', count: 1 },
    ]);
    expect(await seconds()).toBe(0.1);
  });
});
