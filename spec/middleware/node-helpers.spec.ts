import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { trackInference } from 'track-inference';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { hangUpSignal, sendSse } from '../../lib/middleware/node/index.js';
import { finish, text } from '../support/chunks.js';
import { inFlight, requests } from '../support/readings.js';

let tracker: TestTracker;
let server: Server;
let answer: (req: IncomingMessage, res: ServerResponse) => Promise<void>;
const failures: unknown[] = [];

beforeAll(async () => {
  server = createServer((req, res) => {
    answer(req, res).catch((error) => {
      failures.push(error);
      res.writeHead(500).end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  tracker = createTestTracker();
  failures.length = 0;
});
afterEach(() => tracker.dispose());

const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
const post = (signal?: AbortSignal) => fetch(url(), { method: 'POST', body: '{}', ...(signal && { signal }) });

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 5000; turn++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error('the condition did not come to hold');
}

describe('sendSse', () => {
  it('sends the items as events and ends', async () => {
    const chat = trackInference(async function* chat() {
      yield text('a');
      yield finish;
    });
    answer = (_req, res) => sendSse(res, chat());
    const response = await post();
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const body = await response.text();
    expect(body).toContain(`data: ${JSON.stringify(text('a'))}\n\n`);
    expect(await requests(tracker)).toMatchObject([{ status: 'success', stream: true, count: 1 }]);
  });

  it('closes the source when the client leaves, which is cancelled', async () => {
    let isClosed = false;
    const chat = trackInference(async function* chat() {
      try {
        for (;;) {
          yield text('a'.repeat(1000));
          await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        isClosed = true;
      }
    });
    answer = (_req, res) => sendSse(res, chat());
    const controller = new AbortController();
    const response = await post(controller.signal);
    await response.body?.getReader().read();
    controller.abort();
    await until(() => isClosed);
    await until(async () => (await inFlight(tracker)) === 0);
    expect(await requests(tracker)).toMatchObject([{ status: 'cancelled', count: 1 }]);
  });

  it('leaves the answer to the framework when the first item fails', async () => {
    const chat = trackInference(async function* chat(): AsyncGenerator<object> {
      yield await Promise.reject(new Error('no model'));
    });
    answer = (_req, res) => sendSse(res, chat());
    expect((await post()).status).toBe(500);
    expect(failures).toMatchObject([{ message: 'no model' }]);
    expect(await requests(tracker)).toMatchObject([{ status: 'error', count: 1 }]);
  });

  it('sends an error in the stream when a later item fails', async () => {
    const chat = trackInference(async function* chat() {
      yield text('a');
      throw new Error('midway');
    });
    answer = (_req, res) => sendSse(res, chat());
    const response = await post();
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('data: {"error":{');
    expect(await requests(tracker)).toMatchObject([{ status: 'error', count: 1 }]);
  });
});

describe('hangUpSignal', () => {
  it('stays open while the client waits, though its body was read, and after the answer', async () => {
    let signal: AbortSignal | undefined;
    answer = async (req, res) => {
      signal = hangUpSignal(res);
      for await (const _ of req);
      await new Promise((resolve) => setImmediate(resolve));
      expect(hangUpSignal(res)).toBe(signal);
      expect(signal.aborted).toBe(false);
      res.end('done');
    };
    expect(await (await post()).text()).toBe('done');
    expect(signal?.aborted).toBe(false);
  });

  it('is aborted when the client leaves before the answer', async () => {
    let signal: AbortSignal | undefined;
    answer = async (req, res) => {
      for await (const _ of req);
      signal = hangUpSignal(res);
    };
    const controller = new AbortController();
    const left = post(controller.signal).catch(() => 'left');
    await until(() => signal !== undefined);
    controller.abort();
    expect(await left).toBe('left');
    await until(() => signal?.aborted === true);
  });
});
