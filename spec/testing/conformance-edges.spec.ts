import { trackInference } from 'track-inference';
import { checkConformance, createTestTracker, type ScriptedBackend } from 'track-inference/testing';

/** What the report says of one exit. */
async function problemsAt(exit: string, subject: Parameters<typeof checkConformance>[0]): Promise<string[]> {
  const report = await checkConformance({ ...subject, skip: ['a stream that nobody reads'] });
  return report.problems.filter((problem) => problem.exit === exit).map(({ problem }) => problem);
}

describe('checkConformance, of unusual subjects', () => {
  it.each([
    ['is nothing', async () => undefined],
    ['is an object', async () => ({ stream: true })],
  ])('says what to do where what came back %s', async (_, stream) => {
    const problems = await problemsAt('a stream that runs to its end', { stream: trackInference(stream) });
    expect(problems).toContain(
      'the caller got an error: TypeError: what the method returned cannot be iterated; say with "read" how a consumer reads it',
    );
  });

  it('reads sync iterables, and iterators that have no return', async () => {
    const problems = await problemsAt('a stream that runs to its end', {
      stream: trackInference((backend: ScriptedBackend) => {
        const source = backend.stream();
        return { [Symbol.asyncIterator]: () => ({ next: () => source.next() }) };
      }),
    });
    expect(problems).toEqual([]);
  });

  it('says which error the caller got in the place of its own', async () => {
    const problems = await problemsAt('a request that fails', {
      response: trackInference(async (backend: ScriptedBackend) => {
        try {
          return await backend.respond();
        } catch {
          throw new Error('wrapped');
        }
      }),
    });
    expect(problems).toEqual(["the caller did not get the backend's own error, but Error: wrapped"]);
  });

  it('says that more tokens were read than there are', async () => {
    const problems = await problemsAt('a response', {
      response: trackInference((backend: ScriptedBackend) => backend.respond()),
      totalTokens: null,
    });
    expect(problems).toEqual(['14 tokens were read; the backend states none']);
  });

  it('tells calls from those that the tracker has seen before', async () => {
    const tracker = createTestTracker({ replaceDefault: false });
    const respond = tracker.trackInference((backend: ScriptedBackend) => backend.respond(), 'chat');
    tracker.trackInference((_: { model: string }) => 'hello', 'chat')({ model: 'other' });
    tracker.trackInference((_: { model: string }) => 'hello', 'other')({ model: 'other' });
    expect((await checkConformance({ response: respond, tracker })).problems).toEqual([]);
    await tracker.dispose();
  });
});
