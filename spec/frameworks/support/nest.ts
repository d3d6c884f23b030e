import type { Server } from 'node:http';
import { Readable } from 'node:stream';
import { TrackInference } from 'track-inference';
import { TrackInferenceModule } from 'track-inference/middleware/nest';
import { sendSse } from 'track-inference/middleware/node';
import { type ChatRouter, eventText } from './chat-source.js';
import { nestOfMajor } from './frameworks.js';

// biome-ignore lint/suspicious/noExplicitAny: Nest's types are there only where it is installed.
export type Any = any;

/** Nest's decorators are legacy ones; applied by hand, they run so under both dialects. The first stands on top. */
export function decorate(target: object, key: string, ...decorators: unknown[]): void {
  const descriptor = Object.getOwnPropertyDescriptor(target, key) as PropertyDescriptor;
  for (const decorator of decorators.reverse()) (decorator as MethodDecorator)(target, key, descriptor);
  Object.defineProperty(target, key, descriptor);
}

/** The majors of Nest, and the platforms under it. */
export const NEST_HOSTS = ([12, 11] as const).flatMap((major) =>
  (['express', 'fastify'] as const).map((platform) => ({ major, platform })),
);

export type NestHost = (typeof NEST_HOSTS)[number];

/** An application of Nest on either platform; `server` listens. */
export async function nestApp({ major, platform }: NestHost, module: object): Promise<{ app: Any; server: Server }> {
  const framework = nestOfMajor(major);
  const { NestFactory } = await framework('@nestjs/core');
  const options = { logger: false, forceCloseConnections: true };
  let app: Any;
  if (platform === 'express') app = await NestFactory.create(module, options);
  else {
    const { FastifyAdapter } = await framework('@nestjs/platform-fastify');
    app = await NestFactory.create(module, new FastifyAdapter({ forceCloseConnections: true }), options);
  }
  await app.listen(0, '127.0.0.1');
  return { app, server: app.getHttpServer() };
}

type NestWay = [path: string, alone: 'cancelled' | 'success'];

/** How a client that leaves is counted by the decorator alone. Only Nest 12 sends what is iterable. */
export function nestWays({ major }: NestHost): NestWay[] {
  const sent: NestWay[] = [
    ['sse', 'cancelled'],
    ['res', 'success'],
    ['send-sse', 'cancelled'],
  ];
  return major === 11 ? sent : [['iterable', 'cancelled'], ['web-stream', 'cancelled'], ...sent];
}

/** A module whose controller sends a router's stream in each of Nest's ways. */
export async function streamingModule({ major }: NestHost, router: ChatRouter, isTracked: boolean): Promise<object> {
  const framework = nestOfMajor(major);
  const { Controller, Header, Module, Post, Res, Sse } = await framework('@nestjs/common');
  const { Observable } = await framework('rxjs');

  class Streams {
    iterable() {
      return eventText(router.chat());
    }
    webStream() {
      return Readable.toWeb(Readable.from(eventText(router.chat())));
    }
    // Nest's client of an event stream asks by GET, and gets what is subscribed to.
    sse() {
      return new Observable((subscriber: Any) => {
        let isLeft = false;
        void (async () => {
          for await (const chunk of router.chat()) {
            if (isLeft) return;
            subscriber.next({ data: chunk });
          }
          subscriber.complete();
        })();
        return () => {
          isLeft = true;
        };
      });
    }
    async res(response: Any) {
      const res = response.raw ?? response;
      response.hijack?.();
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      for await (const event of eventText(router.chat())) res.write(event);
      res.end();
    }
    async sendSse(response: Any) {
      await sendSse(response, router.chat());
    }
  }
  const typed = Header('content-type', 'text/event-stream');
  decorate(Streams.prototype, 'iterable', Post('iterable/v1/chat/completions'), typed);
  decorate(Streams.prototype, 'webStream', Post('web-stream/v1/chat/completions'), typed);
  decorate(Streams.prototype, 'sse', Sse('sse/v1/chat/completions'));
  decorate(Streams.prototype, 'res', Post('res/v1/chat/completions'));
  decorate(Streams.prototype, 'sendSse', Post('send-sse/v1/chat/completions'));
  Res()(Streams.prototype, 'res', 0);
  Res()(Streams.prototype, 'sendSse', 0);
  Controller()(Streams);

  class Streaming {}
  const imports = isTracked ? [TrackInferenceModule.forRoot({ endpointType: 'chat_completion' })] : [];
  Module({ imports, controllers: [Streams] })(Streaming);
  return Streaming;
}

/** The decorator that the specs of placing put between Nest's. */
export const track = () => TrackInference({ endpointType: 'chat_completion' });
