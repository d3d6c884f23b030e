import 'reflect-metadata';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { inFlight, requests } from '../support/readings.js';
import { until } from '../support/until.js';
import { ChatRouter } from './support/chat-source.js';
import { describeFrameworks, framework } from './support/frameworks.js';
import { HangUps } from './support/hang-up.js';
import { type Any, decorate, NEST_WAYS, nestApp, streamingModule, track } from './support/nest.js';

let tracker: TestTracker;
let app: Any;

beforeEach(() => {
  tracker = createTestTracker();
});

afterEach(async () => {
  await app?.close();
  await tracker.dispose();
});

async function settled(): Promise<void> {
  await until('the call has settled', async () => (await requests(tracker)).length > 0);
}

describeFrameworks.each(['express', 'fastify'] as const)('Nest on %s', (platform) => {
  it.each(NEST_WAYS)(
    'counts a client that leaves a handler answering by %s as %s, with a decorated method alone',
    async (path, alone) => {
      const router = new ChatRouter();
      const nest = await nestApp(platform, await streamingModule(router, false));
      app = nest.app;
      const hangUps = await HangUps.over(nest.server);
      await hangUps.hangUp(`/${path}/v1/chat/completions`, path === 'sse' ? 'GET' : 'POST');
      router.release();
      await settled();
      expect(await requests(tracker)).toMatchObject([{ stream: true, status: alone, count: 1 }]);
      expect(await inFlight(tracker)).toBe(0);
      await until('the generator is closed', () => router.isClosed);
    },
  );

  it.each(NEST_WAYS)(
    'counts one that leaves a handler answering by %s as cancelled, behind the interceptor',
    async (path) => {
      const router = new ChatRouter();
      const nest = await nestApp(platform, await streamingModule(router, true));
      app = nest.app;
      const hangUps = await HangUps.over(nest.server);
      await hangUps.hangUp(`/${path}/v1/chat/completions`, path === 'sse' ? 'GET' : 'POST');
      await settled();
      router.release();
      expect(await requests(tracker)).toMatchObject([
        // A GET has no body that would name a model; the answer does.
        { model: path === 'sse' ? 'served-model' : 'm', provider: 'acme', stream: true, status: 'cancelled', count: 1 },
      ]);
      expect(await inFlight(tracker)).toBe(0);
    },
  );

  it('keeps guards, pipes, interceptors, codes and Swagger wherever the decorator stands', async () => {
    const common = await framework('@nestjs/common');
    const { Reflector } = await framework('@nestjs/core');
    const swagger = await framework('@nestjs/swagger');
    const { Controller, Get, Header, HttpCode, Module, Param, ParseIntPipe, SetMetadata, UseGuards, UseInterceptors } =
      common;
    const roles: unknown[] = [];
    class RoleGuard {
      canActivate(context: Any): boolean {
        roles.push(new Reflector().get('role', context.getHandler()));
        return context.switchToHttp().getRequest().headers['x-closed'] === undefined;
      }
    }
    const seen: string[] = [];
    class Interceptor {
      intercept(context: Any, next: Any): Any {
        seen.push(context.getHandler().name);
        return next.handle();
      }
    }
    class Router {
      below(id: number) {
        return { id };
      }
      above(id: number) {
        return { id };
      }
      between(id: number) {
        return { id };
      }
    }
    const nests = (name: string) => [
      Get(`${name}/:id`),
      HttpCode(201),
      Header('x-name', name),
      SetMetadata('role', name),
      UseGuards(RoleGuard),
      UseInterceptors(Interceptor),
      swagger.ApiOperation({ summary: name }),
    ];
    const places = { below: 7, above: 0, between: 3 };
    for (const [name, place] of Object.entries(places)) {
      const decorators: unknown[] = nests(name);
      decorators.splice(place, 0, track());
      decorate(Router.prototype, name, ...decorators);
      Param('id', ParseIntPipe)(Router.prototype, name, 0);
    }
    Controller()(Router);
    class App {}
    Module({ controllers: [Router] })(App);
    const nest = await nestApp(platform, App);
    app = nest.app;
    const { port } = nest.server.address() as { port: number };
    for (const name of Object.keys(places)) {
      const url = `http://127.0.0.1:${port}/${name}`;
      const answer = await fetch(`${url}/7`);
      expect([answer.status, answer.headers.get('x-name'), await answer.json()]).toEqual([201, name, { id: 7 }]);
      expect((await fetch(`${url}/seven`)).status).toBe(400);
      expect((await fetch(`${url}/7`, { headers: { 'x-closed': '1' } })).status).toBe(403);
    }
    expect(roles).toEqual(Object.keys(places).flatMap((name) => [name, name, name]));
    expect(seen).toEqual(Object.keys(places).flatMap((name) => [name, name]));
    const document = swagger.SwaggerModule.createDocument(app, new swagger.DocumentBuilder().build());
    expect(Object.values(document.paths).map((path: Any) => path.get.summary)).toEqual(Object.keys(places));
    expect(await requests(tracker)).toMatchObject([{ status: 'success', count: 3 }]);
  });
});
