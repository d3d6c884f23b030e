import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { until } from '../samples/until.js';
import { collectUntil } from '../support/collect-garbage.js';
import { inFlight } from '../support/readings.js';
import { type ClientStream, clientStreams } from './wire/clients.js';
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

const names = Object.keys(clientStreams);
const clientOf = (name: string) => clientStreams[name] as ClientStream;

/** Calls a tracked method whose body is the client's call, and gives what its consumer iterates. */
function open(name: string, signal = new AbortController().signal, url = server.url) {
  const { open, items } = clientOf(name);
  const call = tracker.trackInference(open, { endpointType: 'chat_completion', model: () => 'm', provider: 'p' });
  return { returned: call(url, signal), items };
}

async function iterable(name: string, signal?: AbortSignal): Promise<AsyncIterable<unknown>> {
  const { returned, items } = open(name, signal);
  const opened = await returned;
  return items === undefined ? (opened as AsyncIterable<unknown>) : items(opened as never);
}

async function settled(): Promise<object> {
  const counted = await until('the call settles', async () => {
    const rows = (await tracker.rows('requests_total')).filter(({ value }) => value !== 0);
    return rows.length > 0 && rows;
  });
  return {
    requests: counted.map(({ attributes, value }) => ({ ...attributes, count: value })),
    durations: (await tracker.rows('request_duration_seconds')).map(({ count, sum }) => ({ count, sum })),
    inFlight: await inFlight(tracker),
  };
}

function once(status: string, sum: number, stream = true): object {
  const labels = { model: 'm', provider: 'p', endpoint_type: 'chat_completion', stream, status };
  return { requests: [{ ...labels, count: 1 }], durations: [{ count: 1, sum }], inFlight: 0 };
}

describe.each(names)('%s', (name) => {
  const { dialect, breakCloses, readsByItself, isLazy, isHeldBySocket } = clientOf(name);
  const { type, stream, untilOutput } = dialect;
  const isBytes = name === 'Node IncomingMessage' || name === 'openai 6: Stream, by toReadableStream()';

  it('is a success when it has been read to its end, with the tokens that it states', async () => {
    server.answer = { type, parts: stream, ending: 'end' };
    let items = 0;
    for await (const _ of await iterable(name)) {
      if (items++ === 0) tracker.clock.advance(1000);
    }
    expect(items).toBeGreaterThan(0);
    expect(await settled()).toEqual(once('success', 1));
    expect((await tracker.rows('tokens_per_second')).map(({ sum }) => sum)).toEqual(
      name === 'Node IncomingMessage' ? [] : [14],
    );
    expect(await tracker.rows('time_to_first_token_seconds')).toHaveLength(1);
  });

  it('is an error when the server refuses', async () => {
    server.answer = {
      status: 500,
      type: 'application/json',
      parts: ['{"message":"no","error":{"message":"no"}}'],
      ending: 'end',
    };
    const read = async () => {
      for await (const _ of await iterable(name));
    };
    await expect(read()).rejects.toThrow();
    expect(await settled()).toEqual(once('error', 0, isLazy === true));
  });

  it('is an error when the connection is cut midway', async () => {
    server.answer = { type, parts: stream.slice(0, untilOutput), ending: 'cut' };
    const read = async () => {
      for await (const _ of await iterable(name));
    };
    await expect(read()).rejects.toThrow();
    expect(await settled()).toEqual(once('error', 0));
  });

  if (dialect.failure !== undefined && !isBytes && name !== 'fetch: Response') {
    it('is an error when an error comes inside the stream', async () => {
      server.answer = { type, parts: [...stream.slice(0, untilOutput), dialect.failure as string], ending: 'end' };
      const read = async () => {
        for await (const _ of await iterable(name));
      };
      await expect(read()).rejects.toThrow();
      expect(await settled()).toEqual(once('error', 0));
    });
  }

  it('is cancelled when its consumer breaks, and the backend hears of that as ever', async () => {
    server.answer = { type, parts: stream.slice(0, untilOutput), ending: 'hang' };
    const controller = new AbortController();
    for await (const _ of await iterable(name, controller.signal)) break;
    expect(await settled()).toEqual(once('cancelled', 0));
    if (breakCloses) await until('the connection closes', () => server.left === 1);
    controller.abort();
  });

  it('is cancelled when its signal is aborted midway', async () => {
    server.answer = { type, parts: stream.slice(0, untilOutput), ending: 'hang' };
    const controller = new AbortController();
    const read = async () => {
      for await (const _ of await iterable(name, controller.signal)) controller.abort();
    };
    await read().catch(() => {});
    expect(await settled()).toEqual(once('cancelled', 0));
  });

  if (readsByItself) {
    it('is a success when it is never read, for it reads by itself', async () => {
      server.answer = { type, parts: stream, ending: 'end' };
      await open(name).returned;
      expect(await settled()).toEqual(once('success', 0));
    });
  } else if (!isHeldBySocket) {
    it('is cancelled when it is never read and nobody can reach it any more', async () => {
      server.answer = { type, parts: stream.slice(0, untilOutput), ending: 'end' };
      await (async () => {
        await open(name).returned;
      })();
      await collectUntil(async () => (await tracker.rows('requests_total')).some(({ value }) => value === 1));
      expect(await settled()).toEqual(once('cancelled', 0));
    });
  }
});
