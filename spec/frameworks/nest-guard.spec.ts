import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { type CanActivate, Controller, Get, Module, Param, ParseIntPipe, SetMetadata, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TrackInference } from 'track-inference';
import { createTestTracker } from 'track-inference/testing';
import { requests } from '../support/readings.js';

class ClosedGuard implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

/** Nest's decorators are legacy ones; applied by hand, they run so under both dialects. */
function decorate(target: object, key: string, ...decorators: unknown[]): void {
  const descriptor = Object.getOwnPropertyDescriptor(target, key) as PropertyDescriptor;
  for (const decorator of decorators.reverse()) (decorator as MethodDecorator)(target, key, descriptor);
  Object.defineProperty(target, key, descriptor);
}

class Router {
  guardBelow(): string {
    return 'open';
  }
  guardAbove(): string {
    return 'open';
  }
  between(id: number): object {
    return { id };
  }
}
const track = () => TrackInference({ endpointType: 'chat_completion' });
decorate(Router.prototype, 'guardBelow', track(), Get('below'), UseGuards(ClosedGuard));
decorate(Router.prototype, 'guardAbove', UseGuards(ClosedGuard), Get('above'), track());
decorate(Router.prototype, 'between', Get('between/:id'), track(), SetMetadata('role', 'user'));
Param('id', ParseIntPipe)(Router.prototype, 'between', 0);
Controller('chat')(Router);

class App {}
Module({ controllers: [Router] })(App);

it('leaves guards closed, and routes and pipes as they are, wherever the decorator stands', async () => {
  const tracker = createTestTracker();
  const app = await NestFactory.create(App, { logger: false });
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const get = (path: string) => fetch(`http://127.0.0.1:${port}/chat/${path}`);
  try {
    expect((await get('below')).status).toBe(403);
    expect((await get('above')).status).toBe(403);
    const between = await get('between/7');
    expect([between.status, await between.json()]).toEqual([200, { id: 7 }]);
    expect((await get('between/seven')).status).toBe(400);
    expect(Reflect.getMetadata('role', Router.prototype.between)).toBe('user');
    expect(await requests(tracker)).toMatchObject([{ endpoint_type: 'chat_completion', status: 'success', count: 1 }]);
  } finally {
    await app.close();
    await tracker.dispose();
  }
});
