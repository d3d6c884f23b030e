import { crc32 } from 'node:zlib';
import type { Dialect } from './dialects.js';

/** One message of Amazon's binary event stream: a prelude, headers, a payload, and two checksums. */
export function awsMessage(name: string, payload: object, type: 'event' | 'exception' = 'event'): Uint8Array {
  const headers = Buffer.concat([
    header(':message-type', type),
    header(`:${type}-type`, name),
    header(':content-type', 'application/json'),
  ]);
  const body = Buffer.from(JSON.stringify(payload));
  const message = Buffer.alloc(16 + headers.length + body.length);
  message.writeUInt32BE(message.length, 0);
  message.writeUInt32BE(headers.length, 4);
  message.writeUInt32BE(checksum(message.subarray(0, 8)), 8);
  headers.copy(message, 12);
  body.copy(message, 12 + headers.length);
  message.writeUInt32BE(checksum(message.subarray(0, message.length - 4)), message.length - 4);
  return message;
}

function header(name: string, value: string): Buffer {
  const nameLength = Buffer.from([name.length]);
  const valueLength = Buffer.from([7, value.length >> 8, value.length & 0xff]);
  return Buffer.concat([nameLength, Buffer.from(name), valueLength, Buffer.from(value)]);
}

/** `crc32` of node:zlib came with Node 20.15; computed here, so that nothing depends on that. */
function checksum(bytes: Uint8Array): number {
  if (typeof crc32 === 'function') return crc32(bytes);
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

const failure = awsMessage('modelStreamErrorException', { message: 'overloaded' }, 'exception');

const AWS = 'application/vnd.amazon.eventstream';
const usage = { inputTokens: 10, outputTokens: 4, totalTokens: 14 };

export const converse: Dialect = {
  type: AWS,
  stream: [
    awsMessage('messageStart', { role: 'assistant' }),
    awsMessage('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'Grüß Gott' } }),
    awsMessage('contentBlockStop', { contentBlockIndex: 0 }),
    awsMessage('messageStop', { stopReason: 'end_turn' }),
    awsMessage('metadata', { usage, metrics: { latencyMs: 1000 } }),
  ],
  untilOutput: 2,
  failure,
  json: {
    output: { message: { role: 'assistant', content: [{ text: 'Grüß Gott' }] } },
    stopReason: 'end_turn',
    usage,
    metrics: { latencyMs: 1000 },
  },
};

const bytes = (value: object) => ({ bytes: Buffer.from(JSON.stringify(value)).toString('base64') });

export const invokeModel: Dialect = {
  type: AWS,
  stream: [
    awsMessage(
      'chunk',
      bytes({ type: 'message_start', message: { type: 'message', role: 'assistant', usage: { input_tokens: 10 } } }),
    ),
    awsMessage(
      'chunk',
      bytes({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Grüß Gott' } }),
    ),
    awsMessage(
      'chunk',
      bytes({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 4 } }),
    ),
    awsMessage(
      'chunk',
      bytes({
        type: 'message_stop',
        'amazon-bedrock-invocationMetrics': { inputTokenCount: 10, outputTokenCount: 4, invocationLatency: 1000 },
      }),
    ),
  ],
  untilOutput: 2,
  failure,
  json: {},
};
