import { diag } from '@opentelemetry/api';
import { currentInference, type InferenceRecord, type TokenUsage } from 'track-inference';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { completion, text, usage } from '../support/chunks.js';
import { only } from '../support/readings.js';
import { heardWarnings } from '../support/warnings.js';

let tracker: TestTracker;
let settled: InferenceRecord[];
beforeEach(() => {
  settled = [];
  tracker = createTestTracker({ onSettled: (record) => void settled.push(record) });
});
afterEach(() => tracker.dispose());

const response = completion(10, 20);
const counted = { inputTokens: 10, outputTokens: 20, totalTokens: 30 };

/** What is known of a call that reports these, one after another, and gives this response. */
function usageOf(reports: unknown[], given: unknown = 'text'): TokenUsage | undefined {
  tracker.trackInference(() => {
    tracker.clock.advance(1000);
    for (const report of reports) currentInference()?.reportUsage(report as TokenUsage);
    return given;
  })();
  return settled[0]?.usage;
}

describe('what reportUsage states', () => {
  it.each<[what: string, reports: object[], response: unknown, known: object | undefined]>([
    ['stands where the response states none', [{ totalTokens: 30 }], 'text', { totalTokens: 30 }],
    [
      'is added up to a total',
      [{ inputTokens: 4, outputTokens: 6 }],
      'text',
      { inputTokens: 4, outputTokens: 6, totalTokens: 10 },
    ],
    [
      'is replaced field by field by a later report',
      [{ inputTokens: 4, outputTokens: 6 }, { outputTokens: 7 }],
      'text',
      { inputTokens: 4, outputTokens: 7, totalTokens: 11 },
    ],
    [
      'loses a total to input tokens stated later',
      [{ totalTokens: 30 }, { inputTokens: 4 }],
      'text',
      { inputTokens: 4 },
    ],
    [
      'loses a total to output tokens stated later',
      [{ totalTokens: 30 }, { outputTokens: 4 }],
      'text',
      { outputTokens: 4 },
    ],
    [
      'keeps a total beside a detail stated later',
      [{ totalTokens: 30 }, { reasoningTokens: 5 }],
      'text',
      { totalTokens: 30, reasoningTokens: 5 },
    ],
    [
      'takes a total stated later',
      [{ totalTokens: 30 }, { totalTokens: 31, outputTokens: 1 }],
      'text',
      { totalTokens: 31, outputTokens: 1 },
    ],
    [
      'goes before what the response states',
      [{ outputTokens: 90 }],
      response,
      { inputTokens: 10, outputTokens: 90, totalTokens: 100 },
    ],
    ['adds a detail to it', [{ reasoningTokens: 5 }], response, { ...counted, reasoningTokens: 5 }],
    ['is nothing where it states nothing', [{}, { inputTokens: Number.NaN }], response, counted],
    ['keeps what was sound before nonsense', [{ totalTokens: 7 }, { totalTokens: -1 }], 'text', { totalTokens: 7 }],
  ])('%s', (_, reports, given, known) => {
    expect(usageOf(reports, given)).toEqual(known);
  });

  it('is recorded', async () => {
    usageOf([{ totalTokens: 45 }]);
    expect(await only(tracker, 'tokens_per_second')).toMatchObject({ count: 1, sum: 45 });
  });
});

describe('the option usage', () => {
  it('goes before what an extractor reads, and after what is reported', () => {
    const chat = (reports: boolean) =>
      tracker.trackInference(
        () => {
          if (reports) currentInference()?.reportUsage({ outputTokens: 3 });
          return response;
        },
        { usage: () => ({ inputTokens: 1, outputTokens: 2 }) },
      )();
    chat(false);
    chat(true);
    expect(settled.map((record) => record.usage)).toEqual([
      { inputTokens: 1, outputTokens: 2, totalTokens: 3 },
      { inputTokens: 1, outputTokens: 3, totalTokens: 4 },
    ]);
  });

  it('counts in a stream with the latest chunk of which it makes something', async () => {
    const states = [
      undefined,
      { outputTokens: 1 },
      { outputTokens: 2 },
      null,
      'nonsense',
      { outputTokens: Number.NaN },
    ];
    const chat = tracker.trackInference(
      async function* () {
        yield* states.map((stated) => ({ stated }));
      },
      { usage: (chunk) => (chunk as { stated: TokenUsage }).stated },
    );
    for await (const _ of chat());
    expect(settled[0]?.usage).toEqual({ outputTokens: 2 });
  });

  it('leaves what an extractor reads where it makes nothing of it', async () => {
    const chat = tracker.trackInference(
      async function* () {
        yield text('a');
        yield usage(10, 20);
      },
      { usage: () => undefined },
    );
    for await (const _ of chat());
    expect(settled[0]?.usage).toEqual(counted);
  });

  it('that is an async function is said once, and leaves the rest as it is', async () => {
    const warnings = heardWarnings();
    const refusals: unknown[] = [];
    const refused = (reason: unknown) => void refusals.push(reason);
    process.on('unhandledRejection', refused);
    const usage = (async () => {
      throw new Error('too late');
    }) as never;
    const chat = tracker.trackInference(() => response, { endpointType: 'chat', usage });
    for (let call = 0; call < 2; call++) expect(chat()).toBe(response);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', refused);
    diag.disable();
    expect(settled.map((record) => record.usage)).toEqual([counted, counted]);
    expect(warnings).toEqual([expect.stringMatching(/: option "usage": returned a promise; a selector must/)]);
    expect(refusals).toEqual([]);
  });

  it('that throws leaves the rest as it is', () => {
    const chat = tracker.trackInference(() => response, {
      usage() {
        throw new Error('no');
      },
    });
    expect(chat()).toBe(response);
    expect(settled[0]?.usage).toEqual(counted);
    expect(settled[0]?.attributes.status).toBe('success');
  });
});
