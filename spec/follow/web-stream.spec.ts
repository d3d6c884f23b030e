import { Readable } from 'node:stream';
import { text as readText } from 'node:stream/consumers';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { finish, text, usage } from '../support/chunks.js';
import { outcome, requests } from '../support/readings.js';

let tracker: TestTracker;
beforeEach(() => {
  tracker = createTestTracker();
});
afterEach(() => tracker.dispose());

const hand = <R>(stream: R): R => tracker.trackInference(() => stream)();
const turn = () => new Promise((resolve) => setImmediate(resolve));
const chunks = [text('a'), text('b'), usage(10, 4)];

/** A stream that counts what is asked of it, and what it is told at a cancel. */
function source(items: readonly unknown[], failure?: Error) {
  const seen = { pulled: 0, cancelled: [] as unknown[] };
  const stream = new ReadableStream(
    {
      pull(controller) {
        const item = items[seen.pulled++];
        if (item !== undefined) controller.enqueue(item);
        else if (failure) controller.error(failure);
        else controller.close();
      },
      cancel: (reason) => void seen.cancelled.push(reason),
    },
    { highWaterMark: 0 },
  );
  return { stream, seen };
}

function bytes(...pieces: string[]) {
  return new ReadableStream({
    type: 'bytes',
    pull(controller) {
      const piece = pieces.shift();
      if (piece !== undefined) return controller.enqueue(new TextEncoder().encode(piece));
      controller.close();
      controller.byobRequest?.respond(0);
    },
  });
}

async function all(stream: ReadableStream): Promise<unknown[]> {
  const reader = stream.getReader();
  const items: unknown[] = [];
  for (let next = await reader.read(); !next.done; next = await reader.read()) items.push(next.value);
  return items;
}

async function collect(stream: unknown): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of stream as AsyncIterable<unknown>) items.push(item);
  return items;
}

const done = { status: 'success', stream: true, seconds: 1, firstToken: 1, inFlight: 0 };

describe('a web ReadableStream', () => {
  it('stays the same object', () => {
    const { stream } = source(chunks);
    expect(hand(stream)).toBe(stream);
    expect(stream).toBeInstanceOf(ReadableStream);
    expect(stream.locked).toBe(false);
    expect(Object.keys(stream)).toEqual([]);
  });

  it.each<[way: string, read: (stream: ReadableStream) => Promise<unknown[]>]>([
    ['a reader', all],
    ['for await', collect],
    ['values()', (stream) => collect(stream.values())],
    ['a branch of tee()', async (stream) => (await Promise.all(stream.tee().map(all)))[1] as unknown[]],
    ['pipeThrough()', (stream) => all(stream.pipeThrough(new TransformStream()))],
    ['a Node Readable', (stream) => collect(Readable.fromWeb(stream as never, { objectMode: true }))],
    [
      'pipeTo()',
      async (stream) => {
        const items: unknown[] = [];
        await stream.pipeTo(new WritableStream({ write: (item) => void items.push(item) }));
        return items;
      },
    ],
  ])('is read by %s', async (_, read) => {
    const { stream } = source(chunks);
    hand(stream);
    tracker.clock.advance(1000);
    const items = await read(stream);
    expect(items).toEqual(chunks);
    for (const [i, item] of items.entries()) expect(item).toBe(chunks[i]);
    expect(await outcome(tracker)).toEqual(done);
    expect((await tracker.rows('tokens_per_second')).map(({ sum }) => sum)).toEqual([14]);
  });

  it.each<[way: string, leave: (stream: ReadableStream) => Promise<unknown>, reason: unknown]>([
    ['cancel()', (stream) => stream.cancel('enough'), 'enough'],
    ["its reader's cancel()", (stream) => stream.getReader().cancel('enough'), 'enough'],
    [
      'both branches of a tee',
      (stream) => Promise.all(stream.tee().map((branch) => branch.cancel('enough'))),
      ['enough', 'enough'],
    ],
    ['the end of a pipe', (stream) => stream.pipeThrough(new TransformStream()).cancel('enough'), 'enough'],
    [
      'break',
      async (stream) => {
        for await (const _ of stream as unknown as AsyncIterable<unknown>) break;
      },
      undefined,
    ],
    [
      'a destroyed Node Readable',
      async (stream) =>
        Readable.fromWeb(stream as never)
          .on('error', () => {})
          .destroy(new Error('gone')),
      expect.objectContaining({ message: 'gone' }),
    ],
  ])('is cancelled by %s, and its source hears the reason', async (_, leave, reason) => {
    const { stream, seen } = source(chunks);
    hand(stream);
    await leave(stream);
    await turn();
    expect(seen.cancelled).toEqual([reason]);
    expect(await outcome(tracker)).toMatchObject({ status: 'cancelled', inFlight: 0 });
  });

  it.each<[way: string, read: (stream: ReadableStream) => Promise<unknown>]>([
    ['a reader', all],
    ['for await', collect],
    ['tee()', (stream) => Promise.all(stream.tee().map(all))],
    ['pipeThrough()', (stream) => all(stream.pipeThrough(new TransformStream()))],
    ['pipeTo()', (stream) => stream.pipeTo(new WritableStream())],
  ])('is an error when it fails midway, and %s gets that very error', async (_, read) => {
    const failure = new Error('midway');
    const { stream } = source(chunks, failure);
    hand(stream);
    await expect(read(stream)).rejects.toBe(failure);
    expect(await outcome(tracker)).toMatchObject({ status: 'error', stream: true, inFlight: 0 });
  });

  it('is a success when its consumer leaves after the chunk that ends the generation', async () => {
    const { stream } = source([text('a'), finish, usage(10, 4)]);
    const reader = hand(stream).getReader();
    await reader.read();
    await reader.read();
    await reader.cancel();
    expect(await outcome(tracker)).toMatchObject({ status: 'success', inFlight: 0 });
  });

  it.each<[way: string, open: (stream: ReadableStream) => ReadableStream]>([
    ['read', (stream) => stream],
    ['piped', (stream) => stream.pipeThrough(new TransformStream({}, {}, { highWaterMark: 0 }))],
    ['teed', (stream) => stream.tee()[0]],
  ])('is asked for no more chunks than without us when it is %s', async (_, open) => {
    const asked: number[][] = [];
    for (const track of [false, true]) {
      const { stream, seen } = source(chunks);
      const reader = open(track ? hand(stream) : stream).getReader();
      const counts: number[] = [];
      for (let read = 0; read < 3; read++) {
        await turn();
        counts.push(seen.pulled);
        await reader.read();
      }
      asked.push(counts);
    }
    expect(asked[1]).toEqual(asked[0]);
  });

  it('reads on with another reader after the first let go of it in the middle of a read', async () => {
    let controller: ReadableStreamDefaultController | undefined;
    const stream = hand(
      new ReadableStream({
        start(given) {
          controller = given;
        },
      }),
    );
    const first = stream.getReader();
    const pending = first.read();
    first.releaseLock();
    await expect(pending).rejects.toThrow(/releas/i);
    expect(await tracker.rows('requests_total')).toEqual([]);
    tracker.clock.advance(1000);
    controller?.enqueue(text('a'));
    controller?.close();
    expect(await all(stream)).toEqual([text('a')]);
    expect(await outcome(tracker)).toMatchObject({ status: 'success', seconds: 1, inFlight: 0 });
  });

  it('reads on after a loop that leaves it open', async () => {
    const { stream } = source(chunks);
    hand(stream);
    for await (const _ of stream.values({ preventCancel: true })) break;
    expect(await tracker.rows('requests_total')).toEqual([]);
    tracker.clock.advance(1000);
    await collect(stream);
    expect(await outcome(tracker)).toMatchObject({ status: 'success', seconds: 1, inFlight: 0 });
  });

  it('is unlocked when a pipe has let go of it', async () => {
    const { stream } = source(chunks, new Error('midway'));
    hand(stream);
    const broken = new WritableStream({ write: () => Promise.reject(new Error('full')) });
    await expect(stream.pipeTo(broken, { preventCancel: true })).rejects.toThrow('full');
    expect(stream.locked).toBe(false);
    expect(await tracker.rows('requests_total')).toEqual([]);
    await expect(all(stream)).rejects.toThrow('midway');
    expect(await outcome(tracker)).toMatchObject({ status: 'error', inFlight: 0 });
  });

  it('refuses a second reader, and a cancel while it is locked, as ever', async () => {
    const { stream } = source(chunks);
    hand(stream).getReader();
    expect(() => stream.getReader()).toThrow(/locked/i);
    expect(() => stream.tee()).toThrow(/locked/i);
    expect(() => stream.pipeThrough(new TransformStream())).toThrow(/locked/i);
    await expect(stream.pipeTo(new WritableStream())).rejects.toThrow(/locked/i);
    await expect(stream.cancel()).rejects.toThrow(/locked/i);
    expect(await tracker.rows('requests_total')).toEqual([]);
  });

  it('is a stream of chunks that are bytes or text as they come', async () => {
    const { stream } = source(['', 'Hello', '!']);
    hand(stream);
    const reader = stream.getReader();
    await reader.read();
    tracker.clock.advance(1000);
    await reader.read();
    await reader.read();
    await reader.read();
    expect(await outcome(tracker)).toEqual({ ...done, seconds: 1, firstToken: 1 });
  });
});

describe('a byte stream', () => {
  it('can be read into a buffer of the reader', async () => {
    const stream = hand(bytes('Hello', 'World'));
    const reader = stream.getReader({ mode: 'byob' });
    const { value } = await reader.read(new Uint8Array(3));
    expect(new TextDecoder().decode(value)).toBe('Hel');
    tracker.clock.advance(1000);
    const rest = [];
    for (let next = await reader.read(new Uint8Array(9)); !next.done; next = await reader.read(new Uint8Array(9))) {
      rest.push(new TextDecoder().decode(next.value));
    }
    expect(rest.join('')).toBe('loWorld');
    expect(await outcome(tracker)).toMatchObject({ status: 'success', seconds: 1, inFlight: 0 });
  });

  it('has branches that are byte streams too', async () => {
    const [left, right] = hand(bytes('Hello')).tee();
    const reader = left.getReader({ mode: 'byob' });
    expect(new TextDecoder().decode((await reader.read(new Uint8Array(9))).value)).toBe('Hello');
    expect((await reader.read(new Uint8Array(9))).done).toBe(true);
    expect(await new Response(right).text()).toBe('Hello');
    expect(await outcome(tracker)).toMatchObject({ status: 'success', inFlight: 0 });
  });

  it('is the body of a response, and the input of Node', async () => {
    expect(await new Response(hand(bytes('Hello'))).text()).toBe('Hello');
    expect(await readText(Readable.fromWeb(hand(bytes('World')) as never))).toBe('World');
    expect(await requests(tracker)).toEqual([expect.objectContaining({ status: 'success', count: 2 })]);
  });
});

describe.each([
  ['its own versions', { process: { versions: { ...process.versions, undici: undefined } } }],
  ["Node's versions, as Workers do", { navigator: { userAgent: 'Cloudflare-Workers' } }],
])('a web ReadableStream where the runtime reaches inside streams, and states %s', (_, globals) => {
  const restore: (() => void)[] = [];
  beforeEach(() => {
    for (const [name, members] of Object.entries(globals)) {
      const before = Object.getOwnPropertyDescriptor(globalThis, name);
      const value = Object.create(Reflect.get(globalThis, name) ?? null, Object.getOwnPropertyDescriptors(members));
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
      restore.push(() => {
        if (before !== undefined) Object.defineProperty(globalThis, name, before);
        else Reflect.deleteProperty(globalThis, name);
      });
    }
  });
  afterEach(() => {
    for (const undo of restore.splice(0)) undo();
  });

  it('is a new stream that pulls it through', async () => {
    const { stream, seen } = source(chunks);
    const followed = hand(stream);
    expect(followed).not.toBe(stream);
    expect(followed).toBeInstanceOf(ReadableStream);
    await turn();
    expect(seen.pulled).toBe(0);
    tracker.clock.advance(1000);
    expect(await collect(followed)).toEqual(chunks);
    expect(await outcome(tracker)).toEqual(done);
  });

  it('passes a cancel and its reason on', async () => {
    const { stream, seen } = source(chunks);
    await hand(stream).cancel('enough');
    expect(seen.cancelled).toEqual(['enough']);
    expect(await outcome(tracker)).toMatchObject({ status: 'cancelled', inFlight: 0 });
  });

  it('is a byte stream if it was one', async () => {
    const reader = hand(bytes('Hello')).getReader({ mode: 'byob' });
    expect(new TextDecoder().decode((await reader.read(new Uint8Array(3))).value)).toBe('Hel');
    expect(new TextDecoder().decode((await reader.read(new Uint8Array(3))).value)).toBe('lo');
    expect((await reader.read(new Uint8Array(3))).done).toBe(true);
    expect(await outcome(tracker)).toMatchObject({ status: 'success', inFlight: 0 });
  });

  it('stays the same object if it is of a class of its own', async () => {
    class EventStream extends (ReadableStream as new (source: UnderlyingDefaultSource) => ReadableStream) {}
    const stream = new EventStream({ start: (controller) => controller.close() });
    expect(hand(stream)).toBe(stream);
    await all(stream);
    expect(await outcome(tracker)).toMatchObject({ status: 'success', inFlight: 0 });
  });
});
