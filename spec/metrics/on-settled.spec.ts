import { DiagLogLevel, diag } from '@opentelemetry/api';
import { createInferenceTracker, type InferenceRecord } from 'track-inference';
import { completion, text } from '../support/chunks.js';

const records: InferenceRecord[] = [];
let now = 0;
const options = { provider: 'acme', now: () => now, onSettled: (record: InferenceRecord) => void records.push(record) };
const tracker = createInferenceTracker(options);
beforeEach(() => {
  records.length = 0;
  now = 0;
});

describe('onSettled', () => {
  it('gets one frozen record of a call, with no MeterProvider set', () => {
    tracker.trackInference(function chat(_request: object) {
      now = 1500;
      return completion(10, 20);
    })({ model: 'alias' });
    expect(records).toEqual([
      {
        attributes: { model: 'alias', provider: 'acme', endpoint_type: 'chat', stream: false, status: 'success' },
        usage: { inputTokens: 10, outputTokens: 20, totalTokens: 30 },
        durations: { requestSeconds: 1.5, inferenceSeconds: 1.5, timeToFirstTokenSeconds: undefined },
        responseModel: 'served-model',
        error: undefined,
      },
    ]);
    const [record] = records;
    for (const part of [record, record?.attributes, record?.usage, record?.durations]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it('gets the very error that the caller gets', async () => {
    const error = new Error('no');
    await tracker
      .trackInference(async () => {
        throw error;
      })()
      .catch(() => {});
    expect(records[0]?.error).toBe(error);
    expect(records[0]?.attributes.status).toBe('error');
  });

  it('gets the time to the first token of a stream, and its status', async () => {
    const chunks = tracker.trackInference(async function* () {
      now = 250;
      yield text('a');
    });
    for await (const _ of chunks()) break;
    expect(records).toMatchObject([
      { attributes: { status: 'cancelled', stream: true }, durations: { timeToFirstTokenSeconds: 0.25 } },
    ]);
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('hook');
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('hook');
      },
    ],
  ])('reaches diag and never the caller when it %s', async (_name, onSettled) => {
    const warnings: string[] = [];
    const log = () => {};
    diag.setLogger(
      { warn: (message) => warnings.push(message), error: log, info: log, debug: log, verbose: log },
      { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
    );
    const broken = createInferenceTracker({ onSettled: onSettled as () => void });
    const member = `chat_${_name}`;
    const fn = Object.defineProperty(() => 'answer', 'name', { value: member });
    expect(broken.trackInference(fn)()).toBe('answer');
    await null;
    await null;
    expect(warnings).toEqual([`track-inference: ${member}: option "onSettled": hook`]);
    diag.disable();
  });
});

describe('enabled', () => {
  it('leaves a call untracked where it is false', () => {
    const chat = tracker.trackInference((_request: { healthCheck: boolean }) => 'answer', {
      enabled: (request) => !request.healthCheck,
    });
    expect(chat({ healthCheck: true })).toBe('answer');
    expect(records).toEqual([]);
    chat({ healthCheck: false });
    expect(records).toHaveLength(1);
  });
});
