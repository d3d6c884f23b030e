import { ApiError } from '../../../samples/gateway/api-error.js';
import { sseBody } from '../../../samples/gateway/sse.js';

async function* count(to: number, seen: number[] = []) {
  try {
    for (let at = 1; at <= to; at++) {
      seen.push(at);
      yield { at };
    }
  } finally {
    seen.push(-1);
  }
}

async function text(body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  return new Response(body).text();
}

describe('sseBody', () => {
  it('sends an event an item, and says when it is done', async () => {
    expect(await text(sseBody(count(2)))).toBe('data: {"at":1}\n\ndata: {"at":2}\n\ndata: [DONE]\n\n');
  });

  it('asks for an item only when its reader asks', async () => {
    const seen: number[] = [];
    const reader = sseBody(count(9, seen)).getReader();
    await new Promise(setImmediate);
    expect(seen).toEqual([]);
    await reader.read();
    await reader.read();
    await new Promise(setImmediate);
    expect(seen).toEqual([1, 2]);
    await reader.cancel();
    expect(seen).toEqual([1, 2, -1]);
  });

  it('sends a failure as an event, without saying that it is done', async () => {
    async function* failing() {
      yield { at: 1 };
      throw new ApiError('The model fell down a hole.', { status: 500, type: 'server_error' });
    }
    const error = '{"error":{"message":"The model fell down a hole.","type":"server_error","param":null,"code":null}}';
    expect(await text(sseBody(failing()))).toBe(`data: {"at":1}\n\ndata: ${error}\n\n`);
  });

  it('tells an iterator that waits for its next item that the reader has left', async () => {
    let returned = 0;
    let fail = (_: Error) => {};
    const waiting = {
      next: () =>
        new Promise<never>((_, reject) => {
          fail = reject;
        }),
      return: async () => ({ done: true as const, value: ++returned }),
    };
    const reader = sseBody({ [Symbol.asyncIterator]: () => waiting }).getReader();
    const pending = reader.read();
    await reader.cancel();
    fail(new Error('aborted'));
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(returned).toBe(1);
  });
});
