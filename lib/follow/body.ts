import { createParser, type EventSourceMessage } from 'eventsource-parser';

declare const TextDecoder: new () => { decode(bytes?: unknown, options?: { stream?: boolean }): string };

/** Larger JSON bodies pass unread: what one states is not worth holding it a second time. */
const MAX_JSON_LENGTH = 4 << 20;

/** A longer event, or line of NDJSON, ends the reading of its stream: something else than chunks is sent there. */
const MAX_EVENT_LENGTH = 1 << 20;

/** Reads the body of an HTTP response as it passes. Never throws, and holds no more than one event of a stream. */
export interface BodyReader {
  /** Whether the body is a stream of items, as Server-Sent Events and NDJSON are; else it is one response. */
  readonly isStream: boolean;
  /** Takes the next bytes, or text. */
  feed(bytes: unknown): void;
  /** The body is complete. Gives what a JSON body held; undefined for any other, one that is too long, or broken. */
  end(): unknown;
}

/**
 * Makes what reads a body of this content type.
 *
 * @param onItem gets each item of a stream, as an SDK would hand it out
 * @param maxJsonLength in characters; a longer JSON body passes unread. @default 4 Mi
 */
export function bodyReader(
  contentType: string | null | undefined,
  onItem: (item: unknown) => void,
  maxJsonLength = MAX_JSON_LENGTH,
): BodyReader {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'text/event-stream') return new TextReader(eventText(onItem), true);
  if (/^application\/(x-)?(ndjson|jsonl|jsonlines|stream\+json|json-lines)$/.test(type)) {
    return new TextReader(lineText(onItem), true);
  }
  return new TextReader(/[/+]json$/.test(type) ? wholeText(maxJsonLength) : undefined, false);
}

/** Takes text; false once it wants no more. */
interface TextSink {
  feed(text: string): boolean;
  end(): unknown;
}

class TextReader implements BodyReader {
  readonly isStream: boolean;
  #sink: TextSink | undefined;
  #decoder: InstanceType<typeof TextDecoder> | undefined;

  constructor(sink: TextSink | undefined, isStream: boolean) {
    this.#sink = sink;
    this.isStream = isStream;
  }

  feed(bytes: unknown): void {
    if (this.#sink === undefined) return;
    try {
      if (!this.#sink.feed(this.#text(bytes))) this.#sink = undefined;
    } catch {
      this.#sink = undefined; // Not the text that it is said to be.
    }
  }

  end(): unknown {
    const sink = this.#sink;
    this.#sink = undefined;
    try {
      if (this.#decoder !== undefined) sink?.feed(this.#decoder.decode());
      return sink?.end();
    } catch {
      return undefined;
    }
  }

  #text(bytes: unknown): string {
    if (typeof bytes === 'string') return bytes;
    this.#decoder ??= new TextDecoder();
    return this.#decoder.decode(bytes, { stream: true });
  }
}

function wholeText(maxLength: number): TextSink {
  const pieces: string[] = [];
  let length = 0;
  return {
    feed(text) {
      pieces.push(text);
      length += text.length;
      return length <= maxLength;
    },
    end: () => JSON.parse(pieces.join('')),
  };
}

function lineText(onItem: (item: unknown) => void): TextSink {
  const pieces: string[] = [];
  let length = 0;
  const read = (line: string) => {
    if (line.trim() !== '') onItem(json(line));
  };
  return {
    feed(text) {
      const lines = text.split('\n');
      const rest = lines.pop() as string;
      if (lines.length > 0) {
        lines[0] = pieces.join('') + lines[0];
        pieces.length = length = 0;
        lines.forEach(read);
      }
      pieces.push(rest);
      length += rest.length;
      return length <= MAX_EVENT_LENGTH;
    },
    end: () => read(pieces.join('')),
  };
}

function eventText(onItem: (item: unknown) => void): TextSink {
  let goesOn = true;
  const parser = createParser({
    maxBufferSize: MAX_EVENT_LENGTH,
    onEvent: (event) => {
      const item = itemOf(event);
      if (item !== undefined) onItem(item);
    },
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') goesOn = false;
    },
  });
  return {
    feed(text) {
      parser.feed(text);
      return goesOn;
    },
    // Not every server sends the empty line after its last event.
    end: () => parser.feed('\n\n'),
  };
}

/** The data, where it is JSON; else the event as it came. An event named error says so in data that may not. */
function itemOf({ event, data, id }: EventSourceMessage): unknown {
  if (data === '' || data === '[DONE]') return undefined;
  const item = json(data);
  if (typeof item !== 'object' || item === null) return { event, data, id };
  return event === 'error' && !('type' in item) && !('error' in item) ? { type: 'error', error: item } : item;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
