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

  const readText = (type: string | undefined, text: string, maxLength?: number) => {
    const items: unknown[] = [];
    const reader = bodyReader(type, (item) => items.push(item), maxLength);
    reader.feed(text);
    return { isStream: reader.isStream, whole: reader.end(), items };
  };
  const nothing = { isStream: false, whole: undefined, items: [] };

  it.each<[type: string, isStream: boolean]>([
    ['text/event-stream ;charset=utf-8', true],
    [' application/x-ndjson ', true],
    ['application/ndjson', true],
    ['application/jsonl', true],
    ['application/x-jsonlines', true],
    ['application/stream+json', true],
    ['application/json-lines', true],
    ['application/ndjson-of-mine', false],
    ['my-application/ndjson', false],
    ['text/event-stream-of-mine', false],
  ])('takes %s for a stream: %s', (type, isStream) => {
    expect(readText(type, '').isStream).toBe(isStream);
  });

  it.each(['application/jsonp', 'application/json-of-mine', 'application/myjson'])(
    'does not take %s for JSON',
    (type) => {
      expect(readText(type, '{"a":1}')).toEqual(nothing);
    },
  );

  it('reads JSON that is as long as may be, and no longer', () => {
    expect(readText('application/json', '[1,2]', 5).whole).toEqual([1, 2]);
    expect(readText('application/json', '[1,2]', 4)).toEqual(nothing);
  });

  it('passes over lines of blanks, and takes a last line without its end', () => {
    expect(readText('application/x-ndjson', '{"a":1}\n \t\n\r\n{"a":2}').items).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('passes over events without data, and the one that says it is done', () => {
    expect(readText('text/event-stream', 'event: ping\n\ndata:\n\ndata: [DONE]\n\ndata: {"a":1}\n\n').items).toEqual([
      { a: 1 },
    ]);
  });

  it.each<[data: string, item: unknown]>([
    ['{"message":"m"}', { type: 'error', error: { message: 'm' } }],
    ['{"type":"error","message":"m"}', { type: 'error', message: 'm' }],
    ['{"error":"m"}', { error: 'm' }],
    ['null', { event: 'error', data: 'null', id: undefined }],
    ['7', { event: 'error', data: '7', id: undefined }],
    ['text', { event: 'error', data: 'text', id: undefined }],
  ])('tells an event named error with %s', (data, item) => {
    expect(readText('text/event-stream', `event: error\ndata: ${data}\n\n`).items).toEqual([item]);
  });

  it('reads on after a line of an event stream that means nothing', () => {
    expect(readText('text/event-stream', 'nonsense\nretry: soon\ndata: {"a":1}\n\n').items).toEqual([{ a: 1 }]);
  });

  it.each([
    ['an event', 'text/event-stream', 'data: ', '\n\n'],
    ['a line', 'application/x-ndjson', '', '\n'],
  ])('reads no further after %s that is too long', (_, type, before, after) => {
    const items: unknown[] = [];
    const reader = bodyReader(type, (item) => items.push(item));
    reader.feed(`${before}{"a":1}${after}`);
    reader.feed(`${before}"${'x'.repeat((1 << 20) + 1)}`);
    reader.feed(`"${after}${before}{"a":2}${after}`);
    expect(reader.end()).toBeUndefined();
    expect(items).toEqual([{ a: 1 }]);
  });

  it('reads on after a line that is as long as may be', () => {
    const items: unknown[] = [];
    const reader = bodyReader('application/x-ndjson', (item) => items.push(item));
    reader.feed(`"${'x'.repeat((1 << 20) - 2)}"`);
    reader.feed('\n{"a":2}\n');
    expect(items).toHaveLength(2);
    expect(items[1]).toEqual({ a: 2 });
  });

  it('gives what it held once, and is done then', () => {
    const reader = bodyReader('application/json', () => {});
    reader.feed(new TextEncoder().encode('{"a":1}'));
    expect(reader.end()).toEqual({ a: 1 });
    reader.feed('{"b":2}');
    expect(reader.end()).toBeUndefined();
  });

  it('takes a character that is cut at the end for one that is not known', () => {
    const bytes = new TextEncoder().encode('data: "grün');
    const items: unknown[] = [];
    const reader = bodyReader('text/event-stream', (item) => items.push(item));
    reader.feed(bytes.subarray(0, bytes.length - 2));
    reader.end();
    expect(items).toEqual([{ event: undefined, data: '"gr\uFFFD', id: undefined }]);
  });
});
