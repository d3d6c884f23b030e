import type { IncomingMessage, ServerResponse } from 'node:http';
import { trackInference } from 'track-inference';
import { hangUpSignal, sendSse } from 'track-inference/middleware/node';
import { createTestTracker } from 'track-inference/testing';
import { finish, text } from '../support/chunks.js';
import { inFlight, requests } from '../support/readings.js';
import { until } from '../support/until.js';
import { hangUpAfter, post, type Served, serve } from './support/served.js';

let server: Served | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function answerWith(handle: (req: IncomingMessage, res: ServerResponse) => unknown): Promise<string> {
  server = await serve((req, res) => void handle(req, res));
  return server.url;
}

async function leave(url: string, events: number): Promise<void> {
  const controller = new AbortController();
  await hangUpAfter(events, await post(url, {}, { signal: controller.signal }), controller);
}

describe('sendSse', () => {
  it('sends items as events and ends with [DONE]', async () => {
    const url = await answerWith((_, res) => sendSse(res, [{ a: 1 }, 'text']));
    const response = await post(url, {});
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(await response.text()).toBe('data: {"a":1}\n\ndata: text\n\ndata: [DONE]\n\n');
  });

  it('keeps a status and headers that are there already', async () => {
    const url = await answerWith((_, res) => {
      res.statusCode = 201;
      res.setHeader('x-id', '7');
      return sendSse(res, []);
    });
    const response = await post(url, {});
    expect([response.status, response.headers.get('x-id'), await response.text()]).toEqual([
      201,
      '7',
      'data: [DONE]\n\n',
    ]);
  });

  it('rejects with what the items throw before the first one, and has sent nothing', async () => {
    const problem = new Error('x');
    let thrown: unknown;
    const url = await answerWith(async (_, res) => {
      try {
        await sendSse(res, failing(problem, 0));
      } catch (error) {
        thrown = error;
        res.writeHead(502).end();
      }
    });
    expect((await post(url, {})).status).toBe(502);
    expect(thrown).toBe(problem);
  });

  it('ends in an error event when the items fail midway', async () => {
    const url = await answerWith((_, res) => sendSse(res, failing(new Error('secret'), 1)));
    expect(await (await post(url, {})).text()).toBe(
      'data: {"i":0}\n\ndata: {"error":{"message":"The stream failed.","type":"server_error"}}\n\n',
    );
  });

  it('closes a generator that waits for its provider as soon as the client leaves', async () => {
    let wasAskedToClose = false;
    let isDone = false;
    const url = await answerWith(async (_, res) => {
      let sent = 0;
      await sendSse(res, {
        [Symbol.asyncIterator]: () => ({
          next: () =>
            sent++ < 2
              ? Promise.resolve({ value: { sent }, done: false })
              : new Promise<IteratorResult<object>>(() => {}),
          return: () => {
            wasAskedToClose = true;
            return Promise.reject(new Error('it takes it badly'));
          },
        }),
      });
      isDone = true;
    });
    await leave(url, 2);
    await until('the helper has let go', () => isDone);
    expect(wasAskedToClose).toBe(true);
  });

  it('aborts the controller of an SDK stream whose client leaves', async () => {
    const controller = new AbortController();
    const url = await answerWith((_, res) => sendSse(res, Object.assign(endless(), { controller })));
    await leave(url, 2);
    await until('the stream is aborted', () => controller.signal.aborted);
  });

  it('asks for no more than a slow client takes', async () => {
    let asked = 0;
    const url = await answerWith((_, res) =>
      sendSse(
        res,
        endless(() => asked++, 'x'.repeat(64 << 10)),
      ),
    );
    const response = await post(url, {});
    let before = -1;
    await until(
      'the source rests',
      () => {
        const rests = asked > 0 && asked === before;
        before = asked;
        return rests;
      },
      30_000,
      50,
    );
    expect(asked).toBeLessThan(1000);
    await response.body?.cancel();
  });

  it('asks for nothing where the client has left before', async () => {
    let asked = 0;
    const url = await answerWith(async (_, res) => {
      res.destroy();
      await sendSse(
        res,
        endless(() => asked++),
      );
    });
    await post(url, {}).catch(() => undefined);
    expect(asked).toBe(0);
  });

  it.each<[what: string, source: () => AsyncGenerator<object>, status: string]>([
    ['comes to its end', () => words(finish), 'success'],
    ['fails before its first item', () => failing(new Error('no model'), 0), 'error'],
    ['fails midway', () => failing(new Error('cut'), 1), 'error'],
    ['is left by its client', () => endless(), 'cancelled'],
  ])('sends a tracked stream that %s, which is one request', async (_, source, status) => {
    const tracker = createTestTracker();
    const chat = trackInference(source, 'chat_completion');
    const url = await answerWith((_, res) => sendSse(res, chat()).catch(() => res.writeHead(502).end()));
    if (status === 'cancelled') await leave(url, 2);
    else await (await post(url, {})).text();
    await until('the request has settled', async () => (await requests(tracker)).length > 0);
    expect(await requests(tracker)).toMatchObject([{ stream: true, status, count: 1 }]);
    expect(await inFlight(tracker)).toBe(0);
    await tracker.dispose();
  });
});

describe('hangUpSignal', () => {
  it('is aborted when the client leaves, and not when a response is complete', async () => {
    const signals: AbortSignal[] = [];
    const url = await answerWith((req, res) => {
      signals.push(hangUpSignal(res));
      req.resume().on('end', () => (req.url === '/ok' ? res.end('ok') : res.write('data: 1\n\ndata: 2\n\n')));
    });
    await (await post(`${url}/ok`, { a: 1 })).text();
    await leave(url, 2);
    await until('the client is seen to leave', () => signals[1]?.aborted === true);
    expect(signals[1]?.reason).toMatchObject({ name: 'AbortError' });
    expect(signals[0]?.aborted).toBe(false);
  });

  it('is aborted when the client leaves before there is an answer', async () => {
    let signal: AbortSignal | undefined;
    const url = await answerWith((req, res) => {
      req.resume().on('end', () => {
        signal = hangUpSignal(res);
      });
    });
    const controller = new AbortController();
    const answer = post(url, {}, { signal: controller.signal });
    await until('the request has been read', () => signal !== undefined);
    controller.abort();
    await expect(answer).rejects.toThrow('aborted');
    await until('the client is seen to leave', () => signal?.aborted === true);
  });

  it('gives one signal however often it is asked, of the response or of what carries it', async () => {
    let all: AbortSignal[] = [];
    const url = await answerWith((_, res) => {
      all = [hangUpSignal(res), hangUpSignal({ raw: res }), hangUpSignal({ res })];
      res.end();
    });
    await post(url, {});
    expect(new Set(all).size).toBe(1);
  });

  it('is aborted at once for a client that has left already', async () => {
    let signal: AbortSignal | undefined;
    const url = await answerWith((_, res) => {
      res.destroy();
      signal = hangUpSignal(res);
    });
    await post(url, {}).catch(() => undefined);
    expect(signal?.aborted).toBe(true);
  });
});

async function* words(...last: object[]): AsyncGenerator<object> {
  yield text('a');
  yield* last;
}

async function* failing(error: Error, after: number): AsyncGenerator<object> {
  for (let i = 0; i < after; i++) yield { i };
  throw error;
}

async function* endless(onItem = () => {}, filler = ''): AsyncGenerator<object> {
  for (;;) {
    onItem();
    await new Promise((resolve) => setImmediate(resolve));
    yield { filler };
  }
}
