import 'reflect-metadata';
import type { ServerResponse } from 'node:http';
import { Body, Controller, HttpCode, Inject, Module, Post, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TrackInferenceModule } from 'track-inference/middleware/nest';
import { hangUpSignal, sendSse } from 'track-inference/middleware/node';
import { type ChatParams, ChatRouter } from '../router.js';
import { isMain, run } from '../start.js';

interface JsonResponse extends ServerResponse {
  json(body: unknown): unknown;
}

@Controller('v1/chat')
class ChatController {
  constructor(@Inject(ChatRouter) private readonly router: ChatRouter) {}

  @Post('completions')
  @HttpCode(200)
  async chat(@Body() params: ChatParams, @Res() res: JsonResponse): Promise<void> {
    const result = await this.router.chat(params, hangUpSignal(res));
    if (Symbol.asyncIterator in result) await sendSse(res, result);
    else res.json(result);
  }
}

@Module({
  imports: [TrackInferenceModule.forRoot()],
  controllers: [ChatController],
  providers: [ChatRouter],
})
class ChatModule {}

const app = await NestFactory.create(ChatModule, { logger: false, forceCloseConnections: true });
await app.init();
export const server = app.getHttpServer();

if (isMain(import.meta.url)) await run(server);
