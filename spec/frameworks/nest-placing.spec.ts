import 'reflect-metadata';
import { createTestTracker, type TestTracker } from 'track-inference/testing';
import { requests } from '../support/readings.js';
import { describeFrameworks, nestOfMajor } from './support/frameworks.js';
import { type Any, decorate, NEST_HOSTS, nestApp, track } from './support/nest.js';

let tracker: TestTracker;
let app: Any;

beforeEach(() => {
  tracker = createTestTracker();
});

afterEach(async () => {
  await app?.close();
  await tracker.dispose();
});

/** Nest's decorators on one handler, and what they are applied to. */
interface Plan {
  readonly decorators: readonly unknown[];
  readonly types: readonly unknown[];
  readonly returns: unknown;
}

describeFrameworks.each(NEST_HOSTS)('@TrackInference among the decorators of Nest $major on $platform', (host) => {
  const framework = nestOfMajor(host.major);
  const seen: string[] = [];

  async function handlers(): Promise<{ module: object; names: string[] }> {
    const nest = await framework('@nestjs/common');
    const swagger = await framework('@nestjs/swagger');
    const { Reflector } = await framework('@nestjs/core');
    const { map } = await framework('rxjs');

    class RoleGuard {
      canActivate(context: Any): boolean {
        seen.push(`guard ${new Reflector().get('role', context.getHandler())}`);
        return context.switchToHttp().getRequest().headers['x-closed'] === undefined;
      }
    }
    class Wrapping {
      intercept(context: Any, next: Any): Any {
        seen.push(`before ${context.getHandler().name}`);
        return next.handle().pipe(map((value: object) => ({ ...value, isWrapped: true })));
      }
    }
    class Doubling {
      transform(value: unknown, { type }: Any): unknown {
        return type === 'param' ? (value as number) * 2 : value;
      }
    }
    class Refusal extends Error {}
    class RefusalFilter {
      catch(_: unknown, filtered: Any): void {
        const response = filtered.switchToHttp().getResponse();
        const body = { isRefused: true };
        if (typeof response.json === 'function') response.status(418).json(body);
        else response.status(418).send(body);
      }
    }
    nest.Catch(Refusal)(RefusalFilter);
    class Asked {
      model!: string;
      temperature?: number;
    }
    class Answered {
      id!: number;
      model!: string;
    }
    const of = (target: object, key: string, decorator: unknown, type: unknown) => {
      Reflect.defineMetadata('design:type', type, target, key);
      (decorator as PropertyDecorator)(target, key);
    };
    of(Asked.prototype, 'model', swagger.ApiProperty({ description: 'which model' }), String);
    of(Asked.prototype, 'temperature', swagger.ApiPropertyOptional({ minimum: 0 }), Number);
    of(Answered.prototype, 'id', swagger.ApiProperty(), Number);
    of(Answered.prototype, 'model', swagger.ApiProperty(), String);

    const plan = (name: string): Plan => ({
      decorators: [
        nest.Post(`${name}/:id`),
        nest.HttpCode(201),
        nest.Header('x-name', name),
        nest.SetMetadata('role', name),
        nest.UseGuards(RoleGuard),
        nest.UsePipes(Doubling),
        nest.UseInterceptors(Wrapping),
        nest.UseFilters(RefusalFilter),
        swagger.ApiOperation({ summary: 'asks', description: 'a model', deprecated: true }),
        swagger.ApiParam({ name: 'id', description: 'of the request', type: Number }),
        swagger.ApiQuery({ name: 'trace', required: false, type: Boolean }),
        swagger.ApiHeader({ name: 'x-tenant', description: 'who asks' }),
        swagger.ApiBody({ type: Asked, description: 'what is asked' }),
        swagger.ApiCreatedResponse({ type: Answered, description: 'the answer' }),
        swagger.ApiResponse({ status: 418, description: 'refused' }),
        swagger.ApiBearerAuth('key'),
        swagger.ApiTags('inference'),
        swagger.ApiExtension('x-cost', { per: 'token' }),
      ],
      types: [Number, Asked],
      returns: Answered,
    });

    class Router {}
    const count = plan('').decorators.length;
    // The last one is not tracked: what the others are held against.
    const names = [...Array.from({ length: count + 1 }, (_, place) => `place${place}`), 'untracked'];
    for (const [place, name] of names.entries()) {
      const { decorators, types, returns } = plan(name);
      const member = {
        [name](id: number, { model }: Asked): Answered {
          if (model === 'refused') throw new Refusal();
          return { id, model };
        },
      };
      Object.defineProperty(
        Router.prototype,
        name,
        Object.getOwnPropertyDescriptor(member, name) as PropertyDescriptor,
      );
      Reflect.defineMetadata('design:paramtypes', types, Router.prototype, name);
      Reflect.defineMetadata('design:returntype', returns, Router.prototype, name);
      nest.Param('id', nest.ParseIntPipe)(Router.prototype, name, 0);
      nest.Body()(Router.prototype, name, 1);
      const all = [...decorators];
      if (name !== 'untracked') all.splice(place, 0, track());
      decorate(Router.prototype, name, ...all);
    }
    nest.Controller()(Router);
    class App {}
    nest.Module({ controllers: [Router] })(App);
    return { module: App, names };
  }

  it('changes nothing of what they do, in whichever place', async () => {
    const { module, names } = await handlers();
    const nest = await nestApp(host, module);
    app = nest.app;
    const { port } = nest.server.address() as { port: number };
    const ask = (name: string, id: string, model: string, headers: Record<string, string> = {}) =>
      fetch(`http://127.0.0.1:${port}/${name}/${id}`, {
        method: 'POST',
        body: JSON.stringify({ model }),
        headers: { 'content-type': 'application/json', ...headers },
      });
    for (const name of names) {
      seen.length = 0;
      const answer = await ask(name, '7', 'm');
      expect([answer.status, answer.headers.get('x-name')]).toEqual([201, name]);
      // Pipes of the method run before those of the parameter.
      expect(await answer.json()).toEqual({ id: 14, model: 'm', isWrapped: true });
      expect(seen).toEqual([`guard ${name}`, `before ${name}`]);
      expect((await ask(name, '7', 'm', { 'x-closed': '1' })).status).toBe(403);
      expect((await ask(name, 'seven', 'm')).status).toBe(400);
      const refused = await ask(name, '7', 'refused');
      expect([refused.status, await refused.json()]).toEqual([418, { isRefused: true }]);
    }
    const places = names.length - 1;
    const counted = await requests(tracker);
    expect(counted).toHaveLength(2);
    expect(counted).toContainEqual(expect.objectContaining({ status: 'success', count: places }));
    expect(counted).toContainEqual(expect.objectContaining({ status: 'error', count: places }));
  });

  it("leaves Swagger's document as it is without, in whichever place", async () => {
    const { module, names } = await handlers();
    app = (await nestApp(host, module)).app;
    const swagger = await framework('@nestjs/swagger');
    const document = swagger.SwaggerModule.createDocument(app, new swagger.DocumentBuilder().build());
    const operation = (name: string) => {
      const { operationId, ...rest } = document.paths[`/${name}/{id}`].post;
      expect(operationId).toContain(name);
      return rest;
    };
    const untracked = operation('untracked');
    expect(untracked).toMatchObject({
      summary: 'asks',
      deprecated: true,
      tags: ['Router', 'inference'],
      security: [{ key: [] }],
      'x-cost': { per: 'token' },
      requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Asked' } } } },
      responses: {
        201: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Answered' } } } },
        418: { description: 'refused' },
      },
    });
    expect(untracked.parameters.map(({ name }: Any) => name).sort()).toEqual(['id', 'trace', 'x-tenant']);
    for (const name of names) expect(operation(name)).toEqual(untracked);
    expect(Object.keys(document.components.schemas).sort()).toEqual(['Answered', 'Asked']);
  });
});
