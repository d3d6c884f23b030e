import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ReadableStream, WritableStream } from 'node:stream/web';
import { setImmediate as turn } from 'node:timers/promises';
import { from, type Observable } from 'rxjs';
import { currentInference } from 'track-inference';
import { chunks, type Plan, play, TOKENS, UNTIL } from './answers.js';
import { failure, type Kinds, read } from './kind.js';

interface Request {
  readonly model: string;
  readonly plan?: Plan;
  readonly signal?: AbortSignal;
}

/** Streams of every make, read, left, failed, aborted and forgotten. */
export const streams: Kinds = ({ TrackInference }) => {
  class Router {
    @TrackInference({ endpointType: 'chat_completion' })
    async chat({ model, plan, signal }: Request): Promise<AsyncIterable<object>> {
      await turn();
      currentInference()?.setProvider('local');
      return play(model, plan, signal);
    }

    @TrackInference({ endpointType: 'chat_completion', provider: 'local' })
    async *generator({ model, plan, signal }: Request): AsyncGenerator<object> {
      yield* play(model, plan, signal);
    }

    @TrackInference({ endpointType: 'chat_completion', provider: 'local' })
    *atOnce({ model }: Request): Generator<object> {
      yield* chunks(model);
    }

    @TrackInference({ endpointType: 'chat_completion', provider: 'local' })
    async web({ model, plan }: Request): Promise<ReadableStream<object>> {
      const source = play(model, plan);
      return new ReadableStream({
        async pull(controller) {
          const { done, value } = await source.next();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        async cancel() {
          await source.return(undefined);
        },
      });
    }

    @TrackInference({ endpointType: 'chat_completion', provider: 'local' })
    node({ model, plan }: Request): Readable {
      return Readable.from(play(model, plan));
    }

    @TrackInference({ endpointType: 'chat_completion', provider: 'local' })
    observable({ model, plan }: Request): Observable<object> {
      return from(play(model, plan));
    }
  }

  const router = new Router();
  const chat = { provider: 'local', endpoint: 'chat_completion', stream: true } as const;
  const whole = { ...chat, status: 'success', firstToken: true, tokens: TOKENS } as const;
  const left = { ...chat, status: 'cancelled', firstToken: true } as const;
  const failed = { ...chat, status: 'error', firstToken: true } as const;

  return {
    async 'stream is read to its end'({ model }) {
      await read(await router.chat({ model }));
      return { ...whole, model };
    },
    async 'stream is left before it says anything'({ model }) {
      await read(await router.chat({ model }), UNTIL.role);
      return { ...left, firstToken: false, model };
    },
    async 'stream is left midway'({ model }) {
      await read(await router.chat({ model }), UNTIL.output);
      return { ...left, model };
    },
    async 'stream is left after its finishing chunk'({ model }) {
      await read(await router.chat({ model }), UNTIL.finish);
      return { ...chat, status: 'success', firstToken: true, model };
    },
    async 'stream fails midway'({ model }) {
      await failure(read(await router.chat({ model, plan: 'fails' })));
      return { ...failed, model };
    },
    async 'stream is aborted midway'({ model }) {
      const controller = new AbortController();
      const iterator = (await router.chat({ model, plan: 'hangs', signal: controller.signal }))[Symbol.asyncIterator]();
      for (let passed = 0; passed < UNTIL.output; passed++) await iterator.next();
      setImmediate(() => controller.abort());
      await failure(iterator.next());
      return { ...left, model };
    },
    async 'stream is never read'({ model }) {
      await router.chat({ model });
      return { ...left, firstToken: false, model };
    },
    async 'stream is half read and forgotten'({ model }) {
      const iterator = (await router.chat({ model }))[Symbol.asyncIterator]();
      for (let passed = 0; passed < UNTIL.output; passed++) await iterator.next();
      return { ...left, model };
    },
    async 'generator is read to its end'({ model }) {
      await read(router.generator({ model }));
      return { ...whole, model };
    },
    async 'generator is left'({ model }) {
      await read(router.generator({ model }), UNTIL.output);
      return { ...left, model };
    },
    async 'generator is never started'({ model }) {
      void router.generator({ model });
      return { ...left, firstToken: false, model };
    },
    async 'sync generator is read to its end'({ model }) {
      await read(router.atOnce({ model }));
      return { ...whole, model };
    },
    async 'web stream is read to its end'({ model }) {
      await (await router.web({ model })).pipeTo(new WritableStream());
      return { ...whole, model };
    },
    async 'web stream is cancelled'({ model }) {
      const reader = (await router.web({ model })).getReader();
      for (let passed = 0; passed < UNTIL.output; passed++) await reader.read();
      await reader.cancel();
      return { ...left, model };
    },
    async 'web stream fails'({ model }) {
      await failure((await router.web({ model, plan: 'fails' })).pipeTo(new WritableStream()));
      return { ...failed, model };
    },
    async 'Node stream is piped'({ model }) {
      const sink = new Writable({ objectMode: true, write: (_chunk, _encoding, done) => done() });
      await pipeline(router.node({ model }), sink);
      return { ...whole, model };
    },
    async 'Node stream is destroyed'({ model }) {
      await read(router.node({ model }), UNTIL.output);
      return { ...left, model };
    },
    async 'Observable completes'({ model }) {
      await new Promise<void>((resolve) => void router.observable({ model }).subscribe({ complete: resolve }));
      return { ...whole, model };
    },
    async 'Observable is unsubscribed'({ model }) {
      await new Promise<void>((resolve) => {
        let passed = 0;
        const subscription = router.observable({ model }).subscribe(() => {
          if (++passed < UNTIL.output) return;
          subscription.unsubscribe();
          resolve();
        });
      });
      return { ...left, model };
    },
    async 'Observable fails'({ model }) {
      await failure(new Promise((_, error) => void router.observable({ model, plan: 'fails' }).subscribe({ error })));
      return { ...failed, model };
    },
  };
};
