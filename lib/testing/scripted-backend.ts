import type { AbortSignalLike } from '../call/cancellation.js';

/** What a backend does in one exit of a call. */
export interface BackendScript {
  /** Where the stream goes wrong: before any chunk, after two of them, or not at all. */
  readonly fails?: 'at once' | 'midway' | undefined;
  readonly error?: unknown;
  /** Runs as the stream is asked for the chunk of that number, from zero. */
  readonly before?: (chunk: number) => void;
}

/** The platform's own AbortSignal, where its types are known. */
export type RequestSignal = typeof globalThis extends { AbortSignal: { prototype: infer Signal } }
  ? Signal
  : AbortSignalLike;

/** The backend that a router under test is given in the place of its own. */
export interface ScriptedBackend {
  /** The signal of the request; one exit aborts it midway. */
  readonly signal: RequestSignal;
  /** Opens the stream; which chunks come, and whether it fails, is the exit's business. */
  stream(): AsyncGenerator<unknown, void, undefined>;
  /** Gives the whole response, or fails. */
  respond(): Promise<unknown>;
}

/** Plays a script, and notes what was asked of it. */
export class Backend implements ScriptedBackend {
  readonly signal: RequestSignal;
  /** How many chunks were asked for. */
  pulled = 0;
  streamsOpened = 0;
  /** How many of them came to an end or were closed; one that never began has nothing to close. */
  streamsClosed = 0;
  responses = 0;

  constructor(
    private readonly script: BackendScript,
    private readonly chunks: readonly unknown[],
    private readonly response: unknown,
    signal: RequestSignal,
  ) {
    this.signal = signal;
  }

  readonly stream = async function* (this: Backend): AsyncGenerator<unknown, void, undefined> {
    this.streamsOpened++;
    try {
      for (const [number, chunk] of this.chunks.entries()) {
        this.pulled++;
        this.script.before?.(number);
        this.failAt(number === 0 ? 'at once' : number === 2 ? 'midway' : undefined);
        yield chunk;
      }
    } finally {
      this.streamsClosed++;
    }
  }.bind(this);

  readonly respond = async (): Promise<unknown> => {
    this.responses++;
    await null;
    this.script.before?.(0);
    this.failAt('at once');
    return this.response;
  };

  private failAt(place: BackendScript['fails']): void {
    if (place === undefined) return;
    const { aborted, reason } = this.signal as AbortSignalLike;
    if (aborted) throw reason;
    if (this.script.fails === place) throw this.script.error;
  }
}
