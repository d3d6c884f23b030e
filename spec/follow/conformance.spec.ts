import { Readable } from 'node:stream';
import { Stream } from 'openai/core/streaming';
import { trackInference } from 'track-inference';
import { type ConformanceSubject, checkConformance, type ScriptedBackend } from 'track-inference/testing';

type Chunks = AsyncGenerator<unknown, void, undefined>;
type Kind = Omit<ConformanceSubject, 'stream'> & { make(chunks: Chunks, backend: ScriptedBackend): unknown };

const kinds: Record<string, Kind> = {
  'async generator': { make: (chunks) => chunks },
  'promise of an async generator': { make: async (chunks) => chunks },
  'promise subclass of an async generator': { make: (chunks) => new Later((resolve) => resolve(chunks)) },
  'thenable of an async generator': { make: (chunks) => new Thenable(chunks) },
  'async iterable': { make: (chunks) => new HandMade(chunks) },
  'frozen async iterable': { make: (chunks) => Object.freeze(new HandMade(chunks)) },
  'SDK Stream': { make: (chunks) => new Stream(() => chunks, new AbortController()) },
  'SDK Stream, by tee()': {
    make: (chunks) => new Stream(() => chunks, new AbortController()),
    read: (stream: Stream<unknown>) => stream.tee()[0],
    // A branch of a tee has no return: it cannot be left.
    skip: [
      'a consumer that leaves early',
      'a consumer that leaves before the first chunk',
      'a consumer that throws into the stream',
    ],
  },
  'web ReadableStream': { make: (chunks) => webStream(chunks) },
  'promise of a web ReadableStream': { make: async (chunks) => webStream(chunks) },
  'web ReadableStream, by a reader': {
    make: (chunks) => webStream(chunks),
    read: (stream: ReadableStream) => byReader(stream),
    // A generator that was never begun has no reader to cancel.
    skip: ['a consumer that leaves before the first chunk'],
  },
  'web ReadableStream, through a transform': {
    make: (chunks) => webStream(chunks),
    read: (stream: ReadableStream) => stream.pipeThrough(new TransformStream({}, {}, { highWaterMark: 0 })),
    // The pipe asks for a chunk as soon as the transform can take one.
    readAhead: 1,
  },
  'web ReadableStream, by tee()': {
    make: (chunks) => webStream(chunks),
    read: (stream: ReadableStream) => bothBranches(stream),
    readAhead: 1,
  },
  'frozen web ReadableStream': { make: (chunks) => Object.freeze(webStream(chunks)) },
  'Node Readable of objects': {
    make: (chunks) => Readable.from(chunks, { highWaterMark: 1 }),
    readAhead: 2,
    // Its iterator, left before it began, leaves the stream as it is.
    skip: ['a consumer that leaves before the first chunk'],
  },
  'Node Readable, as a web stream': {
    make: (chunks) => Readable.from(chunks, { highWaterMark: 1 }),
    read: (stream: Readable) => Readable.toWeb(stream, { strategy: { highWaterMark: 1 } }) as never,
    readAhead: 3,
  },
  'carrier of a stream': {
    make: (chunks) => ({ stream: webStream(chunks), request: {} }),
    read: ({ stream }: { stream: ReadableStream }) => stream as never,
  },
  'frozen carrier of an iterable body': {
    make: (chunks) => Object.freeze({ body: Object.freeze(new HandMade(chunks)), $metadata: {} }),
    read: ({ body }: { body: HandMade }) => body,
  },
  'fetch Response of Server-Sent Events': {
    make: (chunks) => new Response(webStream(chunks, 'bytes'), { headers: { 'content-type': 'text/event-stream' } }),
    read: ({ body }: Response) => body as never,
    changesItems: true,
  },
};

describe.each(Object.entries(kinds))('a method that returns a %s', (_, { make, ...subject }) => {
  it('conforms in every exit', async () => {
    const stream = trackInference((backend: ScriptedBackend) => make(backend.stream(), backend));
    const report = await checkConformance({ ...subject, stream });
    expect(report.problems).toEqual([]);
    expect(report.exits).toHaveLength(10 - (subject.skip?.length ?? 0));
  });
});

describe.each([
  ['value', (response: Promise<unknown>) => response],
  ['promise subclass', (response: Promise<unknown>) => Later.resolve(response)],
  ['fetch Response', async (response: Promise<unknown>) => Response.json(await response)],
])('a method that responds with a %s', (kind, make) => {
  it('conforms in every exit', async () => {
    const response = trackInference((backend: ScriptedBackend) => make(backend.respond()));
    const changesItems = kind === 'fetch Response';
    const read = async (backend: ScriptedBackend) => {
      const returned = await response(backend);
      return returned instanceof Response ? returned.json() : returned;
    };
    const report = await checkConformance({ changesItems, response: read });
    expect(report.problems).toEqual([]);
    expect(report.exits).toHaveLength(4);
  });
});

class Later<T> extends Promise<T> {}

class Thenable {
  constructor(private readonly value: unknown) {}

  // biome-ignore lint/suspicious/noThenProperty: that is what is tested.
  then(onFulfilled: (value: unknown) => void): void {
    onFulfilled(this.value);
  }
}

class HandMade {
  readonly #chunks: Chunks;

  constructor(chunks: Chunks) {
    this.#chunks = chunks;
    Object.defineProperty(this, Symbol.asyncIterator, { value: () => this.#chunks });
  }

  declare [Symbol.asyncIterator]: () => Chunks;
}

function webStream(chunks: Chunks, type?: 'bytes'): ReadableStream {
  const encode = (value: unknown) => new TextEncoder().encode(`data: ${JSON.stringify(value)}\n\n`);
  return new ReadableStream(
    {
      type,
      async pull(controller: ReadableByteStreamController) {
        const { done, value } = await chunks.next();
        if (!done) return controller.enqueue((type ? encode(value) : value) as never);
        controller.close();
        controller.byobRequest?.respond(0);
      },
      cancel: async () => void (await chunks.return(undefined)),
    } as UnderlyingByteSource,
    { highWaterMark: 0 },
  );
}

async function* byReader(stream: ReadableStream): AsyncGenerator<unknown> {
  const reader = stream.getReader();
  let isDone = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      isDone = done;
      if (done) return;
      yield value;
    }
  } finally {
    if (!isDone) await reader.cancel('left').catch(() => {});
  }
}

/** A consumer of both branches of a tee; what leaves one leaves the other. */
function bothBranches(stream: ReadableStream): AsyncIterable<unknown> {
  const [left, right] = stream.tee().map((branch) => branch.getReader());
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const [result] = await Promise.all([left?.read(), right?.read()]);
        return result as IteratorResult<unknown>;
      },
      async return() {
        await Promise.all([left?.cancel(), right?.cancel()]);
        return { done: true, value: undefined };
      },
    }),
  };
}
