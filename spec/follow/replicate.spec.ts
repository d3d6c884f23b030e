import Replicate from 'replicate';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { outcome } from '../support/readings.js';
import { replicate } from './wire/dialects.js';
import { Loopback } from './wire/loopback.js';

let server: Loopback;
let tracker: TestTracker;
beforeAll(async () => {
  server = await Loopback.start();
});
afterAll(() => server.stop());
beforeEach(() => {
  tracker = createTestTracker();
});
afterEach(() => tracker.dispose());

const predict = (fields: object) => {
  const prediction = JSON.stringify({ ...replicate.json, ...fields });
  server.answer = { type: 'application/json', parts: [prediction], ending: 'end' };
};
const client = () => new Replicate({ auth: 'k', baseUrl: server.url });
const run = (signal?: AbortSignal) =>
  tracker.trackInference((signal?: AbortSignal) => {
    return client().run('owner/model', { input: { prompt: 'hi' }, ...(signal && { signal }) });
  })(signal);

describe("Replicate's run()", () => {
  it('gives the bare output, which states no tokens', async () => {
    predict({});
    const returned = run();
    tracker.clock.advance(2000);
    expect(await returned).toEqual(['Grüß ', 'Gott']);
    expect(await outcome(tracker)).toEqual({ status: 'success', stream: false, seconds: 2, inFlight: 0 });
    expect(await tracker.rows('tokens_per_second')).toEqual([]);
  });

  it('is an error when the prediction failed', async () => {
    predict({ status: 'failed', error: 'out of memory' });
    await expect(run()).rejects.toThrow('Prediction failed: out of memory');
    expect(await outcome(tracker)).toEqual({ status: 'error', stream: false, seconds: 0, inFlight: 0 });
  });

  it('gives a file as the stream that it is, with its helpers', async () => {
    predict({ output: 'data:text/plain,file' });
    const file = (await run()) as ReadableStream & { blob(): Promise<Blob>; url(): URL };
    expect(file).toBeInstanceOf(ReadableStream);
    expect(file.constructor.name).toBe('FileOutput');
    expect(file.url().href).toBe('data:text/plain,file');
    tracker.clock.advance(2000);
    expect(await (await file.blob()).text()).toBe('file');
    expect(await outcome(tracker)).toMatchObject({ status: 'success', stream: true, seconds: 2, inFlight: 0 });
  });

  // It cancels the prediction then and resolves with what there is: to the caller it has not failed.
  it('is a success when its signal is aborted, for it resolves', async () => {
    predict({ output: null });
    const controller = new AbortController();
    const returned = run(controller.signal);
    controller.abort();
    expect(await returned).toBeNull();
    expect(await outcome(tracker)).toMatchObject({ status: 'success', stream: false, inFlight: 0 });
  });
});
