import { execFile } from 'node:child_process';
import { PassThrough, pipeline, Readable, Transform } from 'node:stream';
import { pipeline as pipelined } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { text, usage } from '../support/chunks.js';
import { collectUntil } from '../support/collect-garbage.js';
import { outcome } from '../support/readings.js';

let tracker: TestTracker;
beforeEach(() => {
  tracker = createTestTracker();
});
afterEach(() => tracker.dispose());

const hand = <R>(stream: R): R => tracker.trackInference(() => stream)();
const closed = (stream: Readable) => new Promise((resolve) => stream.once('close', resolve));
const chunks = [text('a'), text('b'), usage(10, 4)];
const objects = () => Readable.from(chunks, { highWaterMark: 1 });
const done = { status: 'success', stream: true, seconds: 1, firstToken: 1, inFlight: 0 };

async function collect(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

describe('a Node Readable', () => {
  it('stays the same object, with no listener added', () => {
    const stream = objects();
    expect(hand(stream)).toBe(stream);
    expect(stream.eventNames()).toEqual([]);
    expect(stream.readableFlowing).toBeNull();
  });

  it.each<[way: string, read: (stream: Readable) => Promise<unknown[]>]>([
    ['for await', collect],
    ['toArray()', (stream) => stream.toArray()],
    ['map()', (stream) => stream.map((item) => item).toArray()],
    ['pipe()', (stream) => collect(stream.pipe(new PassThrough({ objectMode: true })))],
    ['toWeb()', (stream) => collect(Readable.toWeb(stream) as never)],
    [
      "'data'",
      async (stream) => {
        const items: unknown[] = [];
        stream.on('data', (item) => items.push(item));
        await closed(stream);
        return items;
      },
    ],
    [
      "'readable' and read()",
      async (stream) => {
        const items: unknown[] = [];
        stream.on('readable', () => {
          for (let item = stream.read(); item !== null; item = stream.read()) items.push(item);
        });
        await closed(stream);
        return items;
      },
    ],
    [
      'pipeline()',
      async (stream) => {
        const items: unknown[] = [];
        await pipelined(
          stream,
          new Transform({ objectMode: true, transform: (item, _, next) => next(null, items.push(item) && item) }),
          async (all) => collect(all),
        );
        return items;
      },
    ],
  ])('is read by %s', async (_, read) => {
    const stream = hand(objects());
    tracker.clock.advance(1000);
    const items = await read(stream);
    expect(items).toHaveLength(3);
    for (const [i, item] of items.entries()) expect(item).toBe(chunks[i]);
    expect(await outcome(tracker)).toEqual(done);
    expect((await tracker.rows('tokens_per_second')).map(({ sum }) => sum)).toEqual([14]);
  });

  it('is seen with what was in its buffer before it was returned', async () => {
    const stream = new PassThrough();
    stream.write('one');
    stream.end('two');
    tracker.clock.advance(1000);
    expect(String(await collect(hand(stream)))).toBe('onetwo');
    expect(await outcome(tracker)).toMatchObject({ status: 'success', firstToken: 0, inFlight: 0 });
  });

  it.each<[way: string, leave: (stream: Readable) => unknown]>([
    ['destroy()', (stream) => stream.destroy()],
    [
      'break',
      async (stream) => {
        for await (const _ of stream) break;
      },
    ],
    [
      'the other end of a pipeline that closes',
      (stream) =>
        pipeline(
          stream,
          new PassThrough({ objectMode: true, highWaterMark: 1 }).on('pipe', function (this: PassThrough) {
            setImmediate(() => this.destroy());
          }),
          () => {},
        ),
    ],
    ['cancelling a web stream made of it', (stream) => Readable.toWeb(stream).cancel('enough')],
  ])('is cancelled by %s', async (_, leave) => {
    const stream = hand(objects());
    const gone = closed(stream);
    await leave(stream);
    await gone;
    expect(await outcome(tracker)).toMatchObject({ status: 'cancelled', stream: true, inFlight: 0 });
  });

  it('is an error when it fails, and its consumer gets that very error', async () => {
    const failure = new Error('midway');
    const stream = hand(
      Readable.from(
        (async function* () {
          yield text('a');
          throw failure;
        })(),
      ),
    );
    await expect(collect(stream)).rejects.toBe(failure);
    expect(await outcome(tracker)).toMatchObject({ status: 'error', stream: true, inFlight: 0 });
  });

  it('is an error when it is destroyed with one', async () => {
    const stream = hand(objects()).on('error', () => {});
    stream.destroy(new Error('midway'));
    await closed(stream);
    expect(await outcome(tracker)).toMatchObject({ status: 'error', inFlight: 0 });
  });

  it.each([[[]], [[null]]])('that fails at being left by destroy(%j) is cancelled', async (given) => {
    const stream = hand(new Readable({ read() {}, destroy: (_, callback) => callback(new Error('cannot close')) })).on(
      'error',
      () => {},
    );
    stream.destroy(...(given as []));
    await closed(stream);
    expect(await outcome(tracker)).toMatchObject({ status: 'cancelled', inFlight: 0 });
  });

  it.each([
    [true, 'cancelled'],
    [false, 'error'],
  ])('of a request that was aborted (%p) ends as %s where it fails', async (aborted, status) => {
    const stream = hand(Object.assign(objects(), { req: { aborted } })).on('error', () => {});
    stream.destroy(new Error('aborted'));
    await closed(stream);
    expect(await outcome(tracker)).toMatchObject({ status, inFlight: 0 });
  });

  it.each<[what: string, event: string, given: unknown[]]>([
    ['says that it is closed, and no more,', 'close', []],
    ['fails with null', 'error', [null]],
  ])('that %s is cancelled', async (_, event, given) => {
    const stream = hand(objects()).on('error', () => {});
    stream.emit(event, ...given);
    expect(await outcome(tracker)).toMatchObject({ status: 'cancelled', inFlight: 0 });
  });

  it('that fails while nobody listens is an error, and ends the process as ever', async () => {
    const program = `
      import { Readable } from 'node:stream';
      import { createTestTracker } from './lib/testing/index.ts';
      const tracker = createTestTracker();
      const stream = tracker.trackInference(() => new Readable({ read() { this.destroy(new Error('nobody listens')) } }))();
      process.on('uncaughtException', async (error) => {
        const rows = await tracker.rows('requests_total');
        console.log(JSON.stringify([error.message, rows.filter((row) => row.value).map((row) => row.attributes.status)]));
      });
      stream.resume();
    `;
    const run = promisify(execFile)(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program]);
    expect(JSON.parse((await run).stdout)).toEqual(['nobody listens', ['error']]);
  });

  it.each<[state: string, make: () => Promise<Readable>, status: string]>([
    ['has ended', async () => await closedAfter(objects().resume()), 'success'],
    ['was destroyed', async () => await closedAfter(objects().destroy()), 'cancelled'],
    [
      'has failed',
      async () =>
        await closedAfter(
          objects()
            .on('error', () => {})
            .destroy(new Error('before')),
        ),
      'error',
    ],
  ])('that %s before it is returned is settled at once', async (_, make, status) => {
    hand(await make());
    expect(await outcome(tracker)).toMatchObject({ status, inFlight: 0 });
  });

  it('keeps its back-pressure', async () => {
    let pulled = 0;
    const stream = hand(
      new Readable({
        objectMode: true,
        highWaterMark: 2,
        read() {
          this.push(text(String(pulled++)));
        },
      }),
    );
    const slow = new PassThrough({ objectMode: true, highWaterMark: 2 });
    stream.pipe(slow);
    for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(pulled).toBeLessThan(10);
    stream.destroy();
    await closed(stream);
  });

  it('is cancelled when nobody reads it and nobody can reach it any more', async () => {
    (() => void hand(objects()))();
    await collectUntil(async () => (await tracker.rows('requests_total')).some(({ value }) => value === 1));
    expect(await outcome(tracker)).toMatchObject({ status: 'cancelled', inFlight: 0 });
  });

  it('is collected even while its signal lives on', async () => {
    const controller = new AbortController();
    const call = tracker.trackInference((signal: AbortSignal) => Readable.from(chunks, { signal }));
    (() => void call(controller.signal))();
    // Node itself keeps what listens to a signal: only what we hold must not.
    controller.abort();
    await new Promise((resolve) => setImmediate(resolve));
    expect((await tracker.rows('requests_total')).some(({ value }) => value === 1)).toBe(true);
  });
});

async function closedAfter(stream: Readable): Promise<Readable> {
  await closed(stream);
  return stream;
}
