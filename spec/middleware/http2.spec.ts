import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { sendSse, trackNode } from 'track-inference/middleware/node';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { completion, finish, text } from '../support/chunks.js';
import { inFlight, requests } from '../support/readings.js';
import { until } from '../support/until.js';

type Answer = Parameters<typeof sendSse>[0] & { end(text: string): unknown };

let tracker: TestTracker;
let server: Http2Server;
let client: ClientHttp2Session;
let answer: (response: Answer) => void;

beforeEach(async () => {
  tracker = createTestTracker();
  const track = trackNode();
  server = createServer((request, response) => {
    const next = () => request.resume().on('end', () => answer(response as never));
    void track(request as never, response as never, next);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

afterEach(async () => {
  client.destroy();
  server.close();
  await tracker.dispose();
});

function post(stream: boolean): ClientHttp2Stream {
  const headers = { ':method': 'POST', ':path': '/v1/chat/completions', 'content-type': 'application/json' };
  const request = client.request(headers);
  request.end(JSON.stringify({ model: 'asked-model', stream }));
  return request;
}

async function settled(): Promise<object[]> {
  await until('the request has settled', async () => (await requests(tracker)).length > 0);
  return requests(tracker);
}

describe('trackNode over HTTP 2', () => {
  it('counts an answer', async () => {
    answer = (response) => response.end(JSON.stringify(completion(1, 2)));
    let body = '';
    for await (const part of post(false)) body += part;
    expect(JSON.parse(body)).toEqual(completion(1, 2));
    expect(await settled()).toMatchObject([{ endpoint_type: 'chat_completion', status: 'success', count: 1 }]);
    expect(await inFlight(tracker)).toBe(0);
  });

  it('counts a client that resets its stream as cancelled, and closes the source', async () => {
    let isClosed = false;
    async function* words() {
      try {
        for (;;) {
          yield text('word');
          await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        isClosed = true;
      }
    }
    answer = (response) => void sendSse(response, words());
    const request = post(true);
    await once(request, 'data');
    request.close();
    expect(await settled()).toMatchObject([
      { endpoint_type: 'chat_completion', stream: true, status: 'cancelled', count: 1 },
    ]);
    expect(await inFlight(tracker)).toBe(0);
    await until('the source is closed', () => isClosed);
  });

  it('counts a stream that is read to its end', async () => {
    answer = (response) => void sendSse(response, [text('a'), finish]);
    let body = '';
    for await (const part of post(true)) body += part;
    expect(body).toContain('[DONE]');
    expect(await settled()).toMatchObject([{ stream: true, status: 'success', count: 1 }]);
  });
});
