import { readFileSync } from 'node:fs';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { collectUntil } from '../support/collect-garbage.js';
import { inFlight, requests } from '../support/readings.js';
import { until } from '../support/until.js';
import type { ClientStream } from './wire/client-stream.js';
import { clientStreams } from './wire/clients.js';
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

/** Calls a tracked method whose body is the client's call. */
function open(name: string, signal = new AbortController().signal, by = tracker): unknown {
  const call = by.trackInference(clientOf(name).open, {
    endpointType: 'chat_completion',
    model: () => 'm',
    provider: 'p',
  });
  return call(server.url, signal);
}

/** What its consumer iterates. */
async function iterable(name: string, signal?: AbortSignal): Promise<AsyncIterable<unknown>> {
  const opened = await open(name, signal);
  const { items } = clientOf(name);
  return items === undefined ? (opened as AsyncIterable<unknown>) : items(opened as never);
}

const isCounted = async (by: TestTracker) => (await by.rows('requests_total')).some(({ value }) => value !== 0);

async function settled(by = tracker): Promise<object> {
  await until('the call settles', () => isCounted(by));
  return {
    requests: await requests(by),
    durations: (await by.rows('request_duration_seconds')).map(({ count, sum }) => ({ count, sum })),
    inFlight: await inFlight(by),
  };
}

function once(status: string, sum: number, stream = true): object {
  const labels = { model: 'm', provider: 'p', endpoint_type: 'chat_completion', stream, status };
  return { requests: [{ ...labels, count: 1 }], durations: [{ count: 1, sum }], inFlight: 0 };
}

const isThere = (name: string) => clientOf(name).isThere !== false;

for (const name of names.filter((name) => !isThere(name))) {
  it.skip(`${name}: where it is installed, on a Node that it runs on`, () => {});
}

describe.each(names.filter(isThere))('%s', (name) => {
  const { dialect, breakCloses, readsByItself, isLazy, passesBytes, statesNoTokens } = clientOf(name);
  const { type, stream, untilOutput } = dialect;

  it('is a success when it has been read to its end, with the tokens that it states', async () => {
    server.answer = { type, parts: stream, ending: 'end' };
    let items = 0;
    for await (const _ of await iterable(name)) {
      if (items++ === 0) tracker.clock.advance(1000);
    }
    expect(items).toBeGreaterThan(0);
    expect(await settled()).toEqual(once('success', 1));
    expect((await tracker.rows('tokens_per_second')).map(({ sum }) => sum)).toEqual(statesNoTokens ? [] : [14]);
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

  if (dialect.failure !== undefined && !passesBytes) {
    it('is an error when an error comes inside the stream', async () => {
      server.answer = { type, parts: [...stream.slice(0, untilOutput), dialect.failure as string], ending: 'end' };
      const read = async () => {
        for await (const _ of await iterable(name));
      };
      if (dialect.failureIsItem) await read();
      else await expect(read()).rejects.toThrow();
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
      await open(name);
      expect(await settled()).toEqual(once('success', 0));
    });
  }
});

describe('a stream that is never read and that nobody can reach any more', () => {
  const dropped = names.filter((name) => {
    const { readsByItself, isHeldBySocket } = clientOf(name);
    return isThere(name) && !readsByItself && !isHeldBySocket;
  });
  const trackers = new Map(dropped.map((name) => [name, createTestTracker({ replaceDefault: false })]));

  // All at once: where every client has been loaded, each collection takes long.
  beforeAll(async () => {
    for (const [name, by] of trackers) {
      const { type, stream, untilOutput } = clientOf(name).dialect;
      server.answer = { type, parts: stream.slice(0, untilOutput), ending: 'end' };
      // In a function of its own, so that nothing of the stream stays on the stack.
      await (async () => {
        await open(name, undefined, by);
      })();
    }
    const areCounted = async () => (await Promise.all([...trackers.values()].map(isCounted))).every(Boolean);
    // One that was not collected is the matter of its own test.
    await collectUntil(areCounted, 30).catch(() => {});
  });
  afterAll(() => Promise.all([...trackers.values()].map((by) => by.dispose())));

  it.each(dropped)('is cancelled: %s', async (name) => {
    expect(await settled(trackers.get(name))).toEqual(once('cancelled', 0));
  });
});

it('is what the table of docs/returned-objects.md says', () => {
  const rows = Object.entries(clientStreams).map(([name, client]) => {
    const { dialect, passesBytes, breakCloses, readsByItself, isHeldBySocket } = client;
    return [
      name,
      'success',
      'error',
      'error',
      dialect.failure === undefined || passesBytes ? '' : 'error',
      breakCloses ? 'cancelled, closes' : 'cancelled',
      'cancelled',
      readsByItself ? 'success' : isHeldBySocket ? 'in flight' : 'cancelled',
    ];
  });
  const table = rows.map((cells) => `| ${cells.join(' | ')} |`.replaceAll('|  |', '| |')).join('\n');
  expect(readFileSync('docs/returned-objects.md', 'utf8')).toContain(`${table}\n`);
});
