import { initTRPC } from '@trpc/server';
import { createHTTPServer } from '@trpc/server/adapters/standalone';
import { type ChatParams, ChatRouter } from '../router.js';
import { isMain, run } from '../start.js';

const router = new ChatRouter();
const t = initTRPC.create();
const params = (input: unknown) => input as ChatParams;

// tRPC calls its procedures by names of its own, so the decorated class alone records; no middleware is needed.
export const appRouter = t.router({
  chat: t.procedure
    .input(params)
    .mutation(async ({ input, signal }): Promise<object> => router.chat({ ...input, stream: false }, signal)),
  stream: t.procedure.input(params).subscription(async function* ({ input, signal }) {
    yield* (await router.chat({ ...input, stream: true }, signal)) as AsyncIterable<object>;
  }),
});

export const server = createHTTPServer({ router: appRouter });

if (isMain(import.meta.url)) await run(server, `/stream -G --data-urlencode 'input={ "model": "walrus-1" }'`);
