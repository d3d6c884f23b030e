import { overlayRequest } from '../../lib/middleware/request-overlay.js';

const ASKED = { model: 'm', stream: true };
const JSON_TEXT = JSON.stringify(ASKED);
/** In characters: long enough for `JSON_TEXT`. */
const LIMIT = 100;

let told: unknown[];

beforeEach(() => {
  told = [];
});

function overlaid<R extends { method: string; url: string; headers: { get(name: string): string | null } }>(
  request: R,
  limit = LIMIT,
): R {
  return overlayRequest(request, limit, (body) => told.push(body));
}

function request(body: BodyInit | undefined, type = 'application/json'): Request {
  const headers = { 'content-type': type };
  return new Request('http://host/', { method: 'POST', headers, ...(body !== undefined && { body, duplex: 'half' }) });
}

/** The parts as a stream of bytes, or of what they are. */
function streamOf(...parts: readonly (string | Uint8Array | Error)[]): ReadableStream {
  const left = [...parts];
  return new ReadableStream({
    pull(controller) {
      const part = left.shift();
      if (part instanceof Error) controller.error(part);
      else if (part === undefined) controller.close();
      else controller.enqueue(typeof part === 'string' ? new TextEncoder().encode(part) : part);
    },
  });
}

async function read(stream: ReadableStream | null): Promise<void> {
  for await (const _ of stream as unknown as AsyncIterable<unknown>);
}

describe('the body of a web request', () => {
  it.each([
    ['text()', async (one: Request) => one.text()],
    ['arrayBuffer()', async (one: Request) => one.arrayBuffer()],
    ['its stream', async (one: Request) => read(one.body)],
  ])('is told once it was read by %s', async (_, readBy) => {
    await readBy(overlaid(request(JSON_TEXT)));
    expect(told).toEqual([ASKED]);
  });

  it('is told in one piece, wherever the network cut it', async () => {
    const bytes = new TextEncoder().encode('{"model":"π"}');
    await read(overlaid(request(streamOf(bytes.slice(0, 11), bytes.slice(11)))).body);
    expect(told).toEqual([{ model: 'π' }]);
  });

  it.each([
    ['is not JSON by its type', () => request(JSON_TEXT, 'text/plain'), (one: Request) => one.text()],
    ['is not JSON', () => request('{'), (one: Request) => one.text()],
  ])('is told as unknown where it %s', async (_, make, readBy) => {
    await readBy(overlaid(make()));
    expect(told).toEqual([undefined]);
  });

  it('is told as unknown where it is longer than may be parsed', async () => {
    await overlaid(request(JSON_TEXT), JSON_TEXT.length - 1).text();
    expect(told).toEqual([undefined]);
  });

  it('passes unread where its stream is longer than may be parsed, and goes on to its end', async () => {
    const long = overlaid(request(streamOf('{"model":', '"m"', ',"more":', '"x"}')), 12);
    expect(await new Response(long.body).text()).toBe('{"model":"m","more":"x"}');
    expect(told).toEqual([]);
  });

  it('is not told where its stream fails, or is left', async () => {
    await expect(read(overlaid(request(streamOf('{', new Error('cut')))).body)).rejects.toThrow('cut');
    for await (const _ of overlaid(request(streamOf('{', '}'))).body as unknown as AsyncIterable<unknown>) break;
    expect(told).toEqual([]);
  });

  it('has one stream, however often it is asked for', () => {
    const one = overlaid(request(JSON_TEXT));
    expect(one.body).toBe(one.body);
  });

  it('has none where there is no body, or one that was read', async () => {
    expect(overlaid(request(undefined)).body).toBeNull();
    const used = request(JSON_TEXT);
    await used.text();
    const { body } = used;
    expect(overlaid(used).body).toBe(body);
  });

  it('is told once where one method reads by another', async () => {
    class Own extends Bare {
      async text(): Promise<string> {
        return JSON_TEXT;
      }
      json(): Promise<unknown> {
        return this.text().then(JSON.parse);
      }
    }
    expect(await overlaid(new Own()).json()).toEqual(ASKED);
    expect(told).toEqual([ASKED]);
  });

  it.each([
    ['nothing', undefined],
    ['something that has no fields', {}],
  ])('is told as unknown where a form is %s', async (_, form) => {
    class Own extends Bare {
      async formData(): Promise<unknown> {
        return form;
      }
    }
    expect(await overlaid(new Own()).formData()).toBe(form);
    expect(told).toEqual([undefined]);
  });
});

/** A request of a runtime that has few ways to read one. */
class Bare {
  readonly method = 'POST';
  readonly url = '/';
  readonly headers = new Headers({ 'content-type': 'application/json' });
}
