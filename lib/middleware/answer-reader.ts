import { type BodyReader, bodyReader } from '../follow/body.js';
import { isJsonType } from './inference-request.js';

/** What the head of an answer says of its body. */
export interface AnswerHead {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly contentLength: number | undefined;
}

/** JSON that was not read: there was an answer, and it was no stream. */
const UNREAD = Object.freeze({});

/**
 * Makes what reads an answer on its way to the client. Whether it is compressed shows in its first byte: a middleware
 * that compresses may stand before or behind this one, and says so in the head either way. Compressed bytes pass unread.
 */
export function answerReader(head: AnswerHead, onItem: (item: unknown) => void, maxJsonLength: number): BodyReader {
  const { contentType, contentEncoding, contentLength = 0 } = head;
  const isJson = isJsonType(contentType);
  const isTooLong = isJson && contentLength > maxJsonLength;
  const mayBeCompressed = contentEncoding !== undefined && contentEncoding !== 'identity';
  const reader = bodyReader(contentType, onItem, maxJsonLength);
  let isRead = !isTooLong;
  let isFirst = true;
  return {
    isStream: reader.isStream,
    feed(bytes) {
      if (isFirst) {
        isFirst = false;
        if (mayBeCompressed && !beginsAsText(bytes)) isRead = false;
      }
      if (isRead) reader.feed(bytes);
    },
    end: () => (isRead ? reader.end() : undefined) ?? (isJson ? UNREAD : undefined),
  };
}

/** How JSON and events begin, and gzip, deflate and zstd do not. Brotli may; what it then gives is no JSON. */
function beginsAsText(bytes: unknown): boolean {
  if (typeof bytes === 'string') return true;
  return ArrayBuffer.isView(bytes) && '{["\n\r\t :deir'.includes(String.fromCharCode((bytes as Uint8Array)[0] ?? 0));
}
