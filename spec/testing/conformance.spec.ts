import { TrackInference, trackInference } from 'track-inference';
import { assertConformance, checkConformance, createTestTracker, type ScriptedBackend } from 'track-inference/testing';

class Router {
  @TrackInference()
  async chat(backend: ScriptedBackend, stream: boolean): Promise<unknown> {
    return stream ? backend.stream() : backend.respond();
  }
}

const router = new Router();

describe('checkConformance', () => {
  it('finds nothing wrong with a router method that hands on what its backend gives', async () => {
    const report = await checkConformance({
      stream: (backend) => router.chat(backend, true),
      response: (backend) => router.chat(backend, false),
    });
    expect(report.toString()).toBe(
      [
        'ok     a stream that runs to its end',
        'ok     a stream that fails before its first chunk',
        'ok     a stream that fails midway',
        'ok     a stream that times out midway',
        'ok     a stream that is aborted midway',
        'ok     a consumer that leaves early',
        'ok     a consumer that leaves before the first chunk',
        'ok     a consumer that throws into the stream',
        'ok     a consumer that stops reading for long',
        'ok     a stream that nobody reads',
        'ok     a response',
        'ok     a request that fails',
        'ok     a request that times out',
        'ok     a request that is aborted',
      ].join('\n'),
    );
    expect(report.passed).toBe(true);
  });

  it.each<[what: string, exit: string, stream: (backend: ScriptedBackend) => unknown, problems: string[]]>([
    [
      'is not tracked',
      'a stream that runs to its end',
      (backend) => backend.stream(),
      [
        'no request was counted; it ends with status success',
        'request_duration_seconds has 0 records; it is one',
        'inference_duration_seconds has 0 records; it is one',
        'no tokens were read; the backend states 14',
        'time_to_first_token_seconds has 0 records; it is one',
      ],
    ],
    [
      'is counted twice',
      'a stream that runs to its end',
      trackInference(
        (backend: ScriptedBackend) => {
          const inner = trackInference(() => backend.stream(), { nested: 'separate' });
          return inner();
        },
        { endpointType: 'twice' },
      ),
      [
        '2 requests were counted (success, success); it is one',
        'request_duration_seconds has 2 records; it is one',
        'inference_duration_seconds has 2 records; it is one',
        'time_to_first_token_seconds has 2 records; it is one',
      ],
    ],
    [
      'swallows the error of its backend',
      'a stream that fails midway',
      trackInference(async function* (backend: ScriptedBackend) {
        try {
          yield* backend.stream();
        } catch {
          // Nobody is told.
        }
      }),
      ['the status is success; it is error', "the caller did not get the backend's own error, but none"],
    ],
    [
      'changes its items',
      'a stream that runs to its end',
      trackInference(async function* (backend: ScriptedBackend) {
        for await (const chunk of backend.stream()) yield { ...(chunk as object) };
      }),
      ['the caller did not get the very objects that the backend sent, all of them and in their order'],
    ],
    [
      'reads all of it before anybody asks',
      'a consumer that stops reading for long',
      trackInference(async function* (backend: ScriptedBackend) {
        const chunks: unknown[] = [];
        for await (const chunk of backend.stream()) chunks.push(chunk);
        yield* chunks;
      }),
      ['the backend was asked for 6 chunks by a consumer that read one; allowed: 1'],
    ],
    [
      'does not tell its backend that the consumer left',
      'a consumer that leaves early',
      trackInference(async function* (backend: ScriptedBackend) {
        const stream = backend.stream();
        for (let next = await stream.next(); !next.done; next = await stream.next()) yield next.value;
      }),
      ["the backend's stream was left open"],
    ],
    [
      'tries again',
      'a stream that fails before its first chunk',
      trackInference(async function* (backend: ScriptedBackend) {
        try {
          yield* backend.stream();
        } catch {
          yield* backend.stream();
        }
      }),
      ['the backend was asked 2 times'],
    ],
  ])('says of a method that %s what is wrong', async (_, exit, stream, problems) => {
    // None of them is about collection, of which one that is never counted has all rounds to itself.
    const report = await checkConformance({ stream, skip: ['a stream that nobody reads'] });
    expect(report.passed).toBe(false);
    expect(report.problems.filter((problem) => problem.exit === exit).map(({ problem }) => problem)).toEqual(problems);
  });

  it('records into the tracker it is given, for methods that have one of their own', async () => {
    const tracker = createTestTracker({ replaceDefault: false });
    const stream = tracker.trackInference((backend: ScriptedBackend) => backend.stream());
    expect((await checkConformance({ stream, tracker })).problems).toEqual([]);
    const requests = await tracker.rows('requests_total');
    expect(requests.reduce((sum, { value = 0 }) => sum + value, 0)).toBe(10);
    await tracker.dispose();
  });

  it('takes chunks, a response and tokens of other shapes', async () => {
    const ollama = { model: 'm', created_at: 't', done: true, prompt_eval_count: 3, eval_count: 4, response: 'x' };
    const report = await checkConformance({
      stream: (backend) => router.chat(backend, true),
      response: (backend) => router.chat(backend, false),
      chunks: [{ ...ollama, done: false, eval_count: undefined }, { ...ollama, done: false }, ollama],
      value: ollama,
      totalTokens: 7,
    });
    expect(report.problems).toEqual([]);
  });

  it('passes over exits that it is told to', async () => {
    const report = await checkConformance({
      stream: trackInference((backend: ScriptedBackend) => backend.stream()),
      skip: ['a consumer that throws into the stream'],
      ignoresSignal: true,
    });
    expect(report.skipped).toEqual([
      { exit: 'a stream that is aborted midway', problem: 'the method takes no signal' },
      { exit: 'a consumer that throws into the stream', problem: 'left out by the subject' },
    ]);
  });

  it('throws for a subject without a method', async () => {
    await expect(checkConformance({})).rejects.toThrow(
      'checkConformance: give a function as "stream", as "response", or both.',
    );
  });
});

describe('assertConformance', () => {
  it('throws the report, and nothing for a method that conforms', async () => {
    await expect(assertConformance({ response: (backend) => router.chat(backend, false) })).resolves.toBeUndefined();
    await expect(assertConformance({ response: (backend) => backend.respond() })).rejects.toThrow(
      'The method does not conform:\nWRONG  a response\n         no request was counted; it ends with status success\n',
    );
  });
});
