import { TrackInference, trackInference } from 'track-inference';
import { sseResponse, trackFetch } from 'track-inference/middleware';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { completion, finish, text, usage } from '../support/chunks.js';
import { only, outcome, requests } from '../support/readings.js';
import { events, opening } from './support/served.js';

let tracker: TestTracker;

beforeEach(() => {
  tracker = createTestTracker();
});

afterEach(() => tracker.dispose());

const URL_OF_CHAT = 'http://host/v1/chat/completions';
const ASKED = { model: 'asked-model', stream: true };

function asked(body: BodyInit = JSON.stringify(ASKED), init: RequestInit = {}): Request {
  const headers = { 'content-type': 'application/json', ...(init.headers as object) };
  return new Request(URL_OF_CHAT, { method: 'POST', body, ...init, headers });
}

function streamOf(...parts: readonly (string | Error)[]): Response {
  const encoder = new TextEncoder();
  let next = 0;
  const body = new ReadableStream({
    pull(controller) {
      const part = parts[next++];
      if (part instanceof Error) controller.error(part);
      else if (part === undefined) controller.close();
      else controller.enqueue(encoder.encode(part));
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}

describe('trackFetch', () => {
  it.each([
    ['json()', (request: Request) => request.json()],
    ['text()', async (request: Request) => JSON.parse(await request.text())],
    ['arrayBuffer()', async (request: Request) => JSON.parse(new TextDecoder().decode(await request.arrayBuffer()))],
    ['clone().json()', (request: Request) => request.clone().json()],
    ['its body', (request: Request) => new Response(request.body).json()],
  ])('knows the model when the handler has read the request by %s', async (_, read) => {
    let during: unknown;
    const handle = trackFetch(async (request: Request) => {
      expect(await read(request)).toEqual(ASKED);
      during = (await tracker.rows('concurrent_requests')).filter(({ value }) => value !== 0);
      return Response.json(completion(1, 2));
    });
    expect(await (await handle(asked())).json()).toEqual(completion(1, 2));
    expect(during).toMatchObject([{ attributes: { model: 'asked-model', stream: true }, value: 1 }]);
    expect(await requests(tracker)).toEqual([
      { model: 'asked-model', endpoint_type: 'chat_completion', stream: false, status: 'success', count: 1 },
    ]);
  });

  it('reads model and stream of a form', async () => {
    const form = new FormData();
    form.set('model', 'whisper');
    const handle = trackFetch(async (request: Request) => {
      await request.formData();
      return Response.json({ text: 'hello' });
    });
    const request = new Request('http://host/v1/audio/transcriptions', { method: 'POST', body: form });
    await (await handle(request)).text();
    expect(await requests(tracker)).toMatchObject([
      { model: 'whisper', endpoint_type: 'transcription', stream: false },
    ]);
  });

  it('takes the model from the answer where the request passes unseen', async () => {
    const handle = trackFetch(async (request: Request) => {
      await new Request(request).text();
      return Response.json(completion(1, 2));
    });
    await (await handle(asked())).text();
    expect(await requests(tracker)).toMatchObject([{ model: 'served-model', status: 'success' }]);
  });

  it('gives the handler the same request and passes on whatever else comes', async () => {
    const seen: unknown[] = [];
    const handle = trackFetch(function (this: unknown, ...args: [Request, ...unknown[]]) {
      seen.push(this, ...args);
      return new Response('ok');
    });
    const [self, request, env, context] = [{}, asked(), {}, {}];
    const answer = (handle as (this: unknown, ...args: unknown[]) => Response).call(self, request, env, context);
    expect(await answer.text()).toBe('ok');
    expect(seen).toEqual([self, request, env, context]);
    expect(seen[1]).toBe(request);
  });

  it('times a stream to the end of its body', async () => {
    const handle = trackFetch(async (request: Request) => {
      await request.json();
      tracker.clock.advance(1000);
      return streamOf(opening(text('a')), events(finish, usage(1, 2)));
    });
    expect(await (await handle(asked())).text()).toBe(events(text('a'), finish, usage(1, 2)));
    expect(await outcome(tracker)).toEqual({ status: 'success', stream: true, seconds: 1, firstToken: 1, inFlight: 0 });
    expect(await only(tracker, 'tokens_per_second')).toMatchObject({ sum: 3 });
  });

  it.each([
    ['cancels the body', 'cancelled', async (response: Response) => response.body?.cancel()],
    ['reads to where it fails', 'error', async (response: Response) => response.text().catch(() => undefined)],
  ])('counts a stream whose reader %s as %s', async (_, status, read) => {
    const handle = trackFetch(async () => streamOf(opening(text('a')), new Error('upstream')));
    await read(await handle(asked()));
    expect(await outcome(tracker)).toMatchObject({ status, stream: true, inFlight: 0 });
  });

  it.each([
    ['a status', 'error', () => new Response('no', { status: 503 })],
    ['an error event', 'error', () => streamOf(events({ error: { message: 'x' } }))],
    ['no body', 'success', () => new Response(null, { status: 204 })],
    ['text', 'success', () => new Response('hello')],
  ])('counts an answer with %s as %s', async (_, status, answer) => {
    const handle = trackFetch(async () => answer());
    await (await handle(asked())).text();
    expect(await requests(tracker)).toMatchObject([{ status, count: 1 }]);
  });

  it('counts a handler that throws as an error, one that throws what the client aborted as cancelled', async () => {
    const problem = new Error('x');
    const controller = new AbortController();
    const handle = trackFetch(async (request: Request) => {
      request.signal.throwIfAborted();
      throw problem;
    });
    await expect(handle(asked())).rejects.toBe(problem);
    expect(await outcome(tracker)).toMatchObject({ status: 'error' });
    const leaving = asked(undefined, { signal: controller.signal });
    controller.abort('a string, as some servers give');
    await expect(handle(leaving)).rejects.toBe('a string, as some servers give');
    expect(await requests(tracker)).toMatchObject([{ status: 'error' }, { status: 'cancelled' }]);
  });

  it('counts a client that left before the answer was there as cancelled, whatever the answer', async () => {
    const controller = new AbortController();
    const handle = trackFetch(async () => {
      controller.abort();
      return Response.json(completion(1, 2));
    });
    await (await handle(asked(undefined, { signal: controller.signal }))).text();
    expect(await outcome(tracker)).toMatchObject({ status: 'cancelled', inFlight: 0 });
  });

  it.each([
    ['waits for its answer', () => new Promise<Response>(() => {})],
    ['is being sent one', async () => streamOf(opening(text('a')))],
  ])('counts a client that leaves while it %s at once, by the signal alone', async (_, answer) => {
    const controller = new AbortController();
    const handle = trackFetch(answer);
    void handle(asked(undefined, { signal: controller.signal }));
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    expect(await outcome(tracker)).toMatchObject({ status: 'cancelled', inFlight: 0 });
  });

  it('takes in what a handler begins after its client has left', async () => {
    const chat = trackInference(async () => completion(1, 2), 'inner');
    const controller = new AbortController();
    const handle = trackFetch(async () => {
      controller.abort();
      await new Promise((resolve) => setImmediate(resolve));
      return Response.json(await chat());
    });
    await handle(asked(undefined, { signal: controller.signal }));
    expect(await requests(tracker)).toMatchObject([
      { endpoint_type: 'chat_completion', status: 'cancelled', count: 1 },
    ]);
  });

  it('takes in what the answer begins after its reader has cancelled it', async () => {
    const later = trackInference(async () => completion(1, 2), 'later');
    let begun: Promise<unknown> | undefined;
    const handle = trackFetch(async (request: Request) => {
      await request.json();
      const body = new ReadableStream({
        pull: (controller) => controller.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(text('a'))}\n\n`)),
      });
      void left.then(() => {
        begun = later();
      });
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
    });
    let leave: () => void = () => {};
    const left = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const reader = ((await handle(asked())).body as ReadableStream).getReader();
    await reader.read();
    await reader.cancel();
    leave();
    await left;
    await begun;
    expect(await requests(tracker)).toMatchObject([{ model: 'asked-model', status: 'cancelled', count: 1 }]);
  });

  it('leaves it to the handler what a deadline that passes makes of the request', async () => {
    const controller = new AbortController();
    let goOn = (_: Response): void => {};
    const answer = new Promise<Response>((resolve) => {
      goOn = resolve;
    });
    const answered = trackFetch(() => answer)(asked(undefined, { signal: controller.signal }));
    controller.abort(new DOMException('too late', 'TimeoutError'));
    expect(await requests(tracker)).toEqual([]);
    goOn(Response.json(completion(1, 2)));
    await (await answered).text();
    expect(await requests(tracker)).toMatchObject([{ status: 'success', count: 1 }]);
  });

  it('counts one request where a tracked method inside returns the very response', async () => {
    class Forwarder {
      @TrackInference({ endpointType: 'inner', provider: 'acme' })
      async forward(_body: unknown): Promise<Response> {
        return streamOf(events(text('a'), finish, usage(1, 2)));
      }
    }
    const handle = trackFetch(async (request: Request) => new Forwarder().forward(await request.json()));
    await (await handle(asked())).text();
    expect(await requests(tracker)).toEqual([
      {
        model: 'asked-model',
        provider: 'acme',
        endpoint_type: 'chat_completion',
        stream: true,
        status: 'success',
        count: 1,
      },
    ]);
  });

  it('leaves requests that are not for inference alone', async () => {
    const request = new Request('http://host/health');
    const response = new Response('ok');
    expect(trackFetch(() => response)(request)).toBe(response);
    expect(await tracker.rows()).toEqual([]);
    expect(() => trackFetch({} as never)).toThrow('trackFetch: the first argument must be a function');
  });
});

describe('sseResponse', () => {
  async function* items(...given: readonly unknown[]): AsyncGenerator<unknown> {
    try {
      for (const item of given) {
        if (item instanceof Error) throw item;
        yield item;
      }
    } finally {
      closed++;
    }
  }
  let closed = 0;

  beforeEach(() => {
    closed = 0;
  });

  it('sends items as events, text as it is, and [DONE] at the end', async () => {
    const response = sseResponse(items({ a: 1 }, 'one\ntwo'));
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(await response.text()).toBe('data: {"a":1}\n\ndata: one\ndata: two\n\ndata: [DONE]\n\n');
  });

  it('names events and leaves the last one out where it is told to', async () => {
    const response = sseResponse([{ type: 'ping' }], { event: ({ type }) => type, data: () => '{}', done: false });
    expect(await response.text()).toBe('event: ping\ndata: {}\n\n');
  });

  it('ends in an error event when the items fail midway, without their message', async () => {
    expect(await sseResponse(items({ a: 1 }, new Error('secret'))).text()).toBe(
      'data: {"a":1}\n\ndata: {"error":{"message":"The stream failed.","type":"server_error"}}\n\n',
    );
    const told = sseResponse(items({ a: 1 }, new Error('x')), { error: (error) => ({ error: String(error) }) });
    expect(await told.text()).toBe('data: {"a":1}\n\ndata: {"error":"Error: x"}\n\n');
    await expect(sseResponse(items(new Error('at once'))).text()).rejects.toThrow('at once');
  });

  it('closes the source when its reader leaves, and asks for nothing before it is read', async () => {
    const reader = (sseResponse(items(1, 2, 3)).body as ReadableStream).getReader();
    await reader.read();
    await reader.cancel();
    expect(closed).toBe(1);
    const controller = new AbortController();
    await sseResponse(Object.assign(items(1), { controller })).body?.cancel();
    expect(controller.signal.aborted).toBe(true);
  });
});
