import { jest } from '@jest/globals';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { JsonMetricsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import fc from 'fast-check';
import { currentInference } from 'track-inference';
import { genAi } from 'track-inference/gen-ai';
import { completion, finish, role, text, usage } from '../support/chunks.js';
import { type Setup, setups } from './support/setups.js';

const outcome = fc.constantFrom('success', 'failure', 'break', 'no usage');
// Powers of two: sums come out the same in whatever order they are added up.
const wait = fc.constantFrom(0, 125, 250, 1000, 32_000);
const call = fc.record({
  model: fc.constantFrom('small', 'large', 'a "quoted" one', 'past-the-limit-1', 'past-the-limit-2'),
  provider: fc.constantFrom(undefined, 'acme', 'other'),
  tenant: fc.constantFrom(undefined, 'one', 2, true),
  isStream: fc.boolean(),
  outcome,
  wait,
});
type Call = typeof call extends fc.Arbitrary<infer T> ? T : never;

const settings = {
  labelLimits: { model: 3 },
  vocabularies: [genAi],
  extras: ['tokens', 'attempts'],
  errorType: true,
  buckets: { timeToFirstToken: [0.1, 1, 10] },
} as const;

/** Makes the calls one after the other, the wall clock moving with the tracker's. */
async function make({ tracker, clock }: Setup, calls: readonly Call[]): Promise<void> {
  const pass = (milliseconds: number) => {
    clock.advance(milliseconds);
    jest.setSystemTime(Date.now() + milliseconds);
  };
  const chat = tracker.trackInference(
    async (asked: Call) => {
      if (asked.provider !== undefined) currentInference()?.setProvider(asked.provider);
      pass(asked.wait);
      if (asked.outcome === 'failure' && !asked.isStream) throw Object.assign(new Error('no'), { status: 503 });
      return asked.isStream ? chunks(asked) : completion(16, asked.outcome === 'no usage' ? 0 : 48);
    },
    { endpointType: 'chat_completion', attributes: ({ tenant }) => ({ tenant }) },
  );
  async function* chunks(asked: Call) {
    yield role;
    pass(asked.wait);
    yield text('a');
    if (asked.outcome === 'failure') throw new TypeError('midway');
    pass(asked.wait);
    yield finish;
    if (asked.outcome !== 'no usage') yield usage(8, 56);
  }
  for (const asked of calls) {
    try {
      const result = await chat(asked);
      if (Symbol.asyncIterator in result) {
        for await (const _ of result as AsyncIterable<object>) if (asked.outcome === 'break') break;
      }
    } catch {
      // What the consumer of a failing one gets.
    }
  }
}

/** What each consumer would receive: after some of the calls, and after all of them. */
async function received(name: keyof typeof setups, early: readonly Call[], late: readonly Call[]) {
  jest.setSystemTime(1_750_000_000_000);
  const setup = setups[name](settings);
  const wire: string[] = [];
  for (const calls of [early, late]) {
    await make(setup, calls);
    const collected = await setup.reader.read();
    // In no order: the SDK hands over first the scope that has no callbacks to wait for.
    collected.scopeMetrics.sort((a, b) => a.scope.name.localeCompare(b.scope.name));
    wire.push(
      new PrometheusSerializer().serialize(collected),
      Buffer.from(JsonMetricsSerializer.serializeRequest(collected) as Uint8Array).toString(),
      Buffer.from(ProtobufMetricsSerializer.serializeRequest(collected) as Uint8Array).toString('base64'),
    );
  }
  return wire;
}

describe('what consumers receive from the producer', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'setTimeout', 'performance'] });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('is to the byte what they receive from the default sink: Prometheus, OTLP as JSON, OTLP as protobuf', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { minLength: 1, maxLength: 12 }),
        fc.array(call, { maxLength: 6 }),
        async (a, b) => {
          expect(await received('the producer', a, b)).toEqual(await received('the default sink', a, b));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('says nothing before the first call', async () => {
    expect((await setups['the producer']().reader.read()).scopeMetrics).toEqual([]);
  });
});
