import type { InferenceStatus } from '../metrics/attributes.js';
import type { BackendScript } from './scripted-backend.js';

declare const DOMException: new (message: string, name: string) => Error;

/** How a consumer behaves. */
type Consumer =
  | 'reads all'
  | 'leaves after one'
  | 'leaves before the first'
  | 'throws in'
  | 'stops after one'
  | 'drops it';

/** One way in which a call can end, and how it must then be counted. */
export interface Exit {
  readonly name: string;
  readonly of: 'stream' | 'response';
  readonly script?: BackendScript;
  readonly consumer?: Consumer;
  /** Aborts the signal before the chunk of that number, or before the response. */
  readonly abortsBefore?: number;
  readonly status: InferenceStatus;
}

const failure = new Error('the backend failed');
const timeout = new DOMException('the backend took too long', 'TimeoutError');

/** Every way in which a stream can end. */
export const STREAM_EXITS: readonly Exit[] = [
  { name: 'a stream that runs to its end', of: 'stream', status: 'success' },
  {
    name: 'a stream that fails before its first chunk',
    of: 'stream',
    script: { fails: 'at once', error: failure },
    status: 'error',
  },
  { name: 'a stream that fails midway', of: 'stream', script: { fails: 'midway', error: failure }, status: 'error' },
  {
    name: 'a stream that times out midway',
    of: 'stream',
    script: { fails: 'midway', error: timeout },
    status: 'error',
  },
  { name: 'a stream that is aborted midway', of: 'stream', abortsBefore: 2, status: 'cancelled' },
  { name: 'a consumer that leaves early', of: 'stream', consumer: 'leaves after one', status: 'cancelled' },
  {
    name: 'a consumer that leaves before the first chunk',
    of: 'stream',
    consumer: 'leaves before the first',
    status: 'cancelled',
  },
  { name: 'a consumer that throws into the stream', of: 'stream', consumer: 'throws in', status: 'cancelled' },
  { name: 'a consumer that stops reading for long', of: 'stream', consumer: 'stops after one', status: 'success' },
  { name: 'a stream that nobody reads', of: 'stream', consumer: 'drops it', status: 'cancelled' },
];

/** Every way in which a whole response can. */
export const RESPONSE_EXITS: readonly Exit[] = [
  { name: 'a response', of: 'response', status: 'success' },
  { name: 'a request that fails', of: 'response', script: { fails: 'at once', error: failure }, status: 'error' },
  { name: 'a request that times out', of: 'response', script: { fails: 'at once', error: timeout }, status: 'error' },
  { name: 'a request that is aborted', of: 'response', abortsBefore: 0, status: 'cancelled' },
];
