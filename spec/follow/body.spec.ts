import fc from 'fast-check';
import { bodyReader } from '../../lib/follow/body.js';

const encoder = new TextEncoder();

function read(contentType: string | null, pieces: readonly (string | Uint8Array)[]) {
  const items: unknown[] = [];
  const reader = bodyReader(contentType, (item) => items.push(item));
  for (const piece of pieces) reader.feed(typeof piece === 'string' ? encoder.encode(piece) : piece);
  return { isStream: reader.isStream, response: reader.end(), items };
}

describe('bodyReader', () => {
  it.each(['text/event-stream', 'text/event-stream; charset=utf-8', 'TEXT/EVENT-STREAM'])(
    'reads %s as Server-Sent Events',
    (type) => {
      expect(read(type, ['data: {"a":1}\n\ndata: {"a":2}\n\ndata: [DONE]\n\n'])).toEqual({
        isStream: true,
        response: undefined,
        items: [{ a: 1 }, { a: 2 }],
      });
    },
  );

  it.each([
    'application/x-ndjson',
    'application/ndjson; charset=utf-8',
    'application/jsonl',
    'application/stream+json',
  ])('reads %s line by line', (type) => {
    expect(read(type, ['{"a":1}\n', '\n{"a":2}\r\n{"a"', ':3}'])).toEqual({
      isStream: true,
      response: undefined,
      items: [{ a: 1 }, { a: 2 }, { a: 3 }],
    });
  });

  it.each(['application/json', 'application/json;charset=utf-8', 'application/problem+json', 'text/json'])(
    'reads %s as one response when it is complete',
    (type) => {
      expect(read(type, ['{"a":', '[1,2]}'])).toEqual({ isStream: false, response: { a: [1, 2] }, items: [] });
    },
  );

  it.each([null, undefined, '', 'text/plain', 'audio/mpeg', 'application/octet-stream'])('leaves %s unread', (type) => {
    expect(read(type as null, ['{"a":1}'])).toEqual({ isStream: false, response: undefined, items: [] });
  });

  it('understands comments, CRLF, data over several lines, and a last event without an empty line', () => {
    const { items } = read('text/event-stream', [
      ': ping\r\n\r\nevent: message\r\nid: 7\r\ndata: {"a":\r\ndata: 1}\r\n\r\n',
      'retry: 100\n\ndata:{"a":2}',
      '\n',
    ]);
    expect(items).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('hands on an event that is not JSON as it came, and tells an error by its name', () => {
    const { items } = read('text/event-stream', [
      'event: output\nid: 1\ndata: Hello\n\n',
      'event: error\ndata: {"message":"broken"}\n\n',
      'event: error\ndata: {"type":"error","error":{}}\n\n',
    ]);
    expect(items).toEqual([
      { event: 'output', id: '1', data: 'Hello' },
      { type: 'error', error: { message: 'broken' } },
      { type: 'error', error: {} },
    ]);
  });

  it('reads the same however the bytes are cut, in the middle of a character too', () => {
    const events = [{ text: 'Grüß Gott' }, { text: '日本語🙂' }, { n: 3 }];
    const framings: [string, string][] = [
      ['text/event-stream', events.map((event) => `data: ${JSON.stringify(event)}\r\n\r\n`).join('')],
      ['application/x-ndjson', events.map((event) => `${JSON.stringify(event)}\n`).join('')],
    ];
    fc.assert(
      fc.property(fc.constantFrom(...framings), fc.array(fc.nat(200)), ([type, text], cuts) => {
        const bytes = encoder.encode(text);
        const places = [0, ...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length];
        const pieces = places.slice(1).map((end, i) => bytes.slice(places[i], end));
        expect(read(type, pieces).items).toEqual(events);
      }),
    );
  });

  it('takes text as well as bytes', () => {
    const items: unknown[] = [];
    const reader = bodyReader('application/x-ndjson', (item) => items.push(item));
    reader.feed('{"a":1}\n{"b"');
    reader.feed(':2}\n');
    expect(items).toEqual([{ a: 1 }, { b: 2 }]);
  });

  it('lets a JSON body pass unread that is longer than allowed', () => {
    const reader = bodyReader('application/json', () => {}, 10);
    reader.feed('{"a":1}');
    reader.feed('          ');
    expect(reader.end()).toBeUndefined();
  });

  it.each([
    ['text/event-stream', 'data: '],
    ['application/x-ndjson', ''],
  ])('gives up on %s that sends no end of an item', (type, start) => {
    const items: unknown[] = [];
    const reader = bodyReader(type, (item) => items.push(item));
    reader.feed(start);
    for (let i = 0; i < 40; i++) reader.feed('x'.repeat(1 << 15));
    reader.feed(`\n\n${start}{"a":1}\n\n`);
    expect(reader.end()).toBeUndefined();
    expect(items).toEqual([]);
  });

  it.each([
    ['a broken body', 'application/json', ['{"half']],
    ['an empty body', 'application/json', []],
    ['what is not bytes', 'application/json', [{}, 7]],
    ['what is not bytes in a stream', 'text/event-stream', [null, Symbol('odd')]],
  ])('does not throw for %s', (_, type, pieces) => {
    const reader = bodyReader(type, () => {});
    for (const piece of pieces) reader.feed(piece);
    expect(reader.end()).toBeUndefined();
  });

  it('does not throw where an item cannot be taken', () => {
    const reader = bodyReader('application/x-ndjson', () => {
      throw new Error('cannot take it');
    });
    expect(() => reader.feed('{"a":1}\n')).not.toThrow();
    expect(() => reader.end()).not.toThrow();
  });
});
