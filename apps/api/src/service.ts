import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { INestApplicationContext } from '@nestjs/common';
import { Logger } from 'nestjs-pino';
import { v7 as uuidv7 } from 'uuid';
import { AppModule } from './app.module.ts';
import { parseJsonBodies } from './http/json-body.ts';
import { serveOpenApi } from './http/openapi.ts';
import type { ServiceParts } from './service-parts.ts';

const MAX_BODY_BYTES = 64 * 1024;

/**
 * Stops the service in order: runs first, then connections, then database and queue. A client that does not finish
 * its request is cut off after the grace period, so that it cannot hold the process up.
 */
export async function stopService(app: INestApplicationContext, graceMs: number): Promise<void> {
  const cutOff = setTimeout(() => {
    if ('getHttpServer' in app) (app as NestFastifyApplication).getHttpServer().closeAllConnections();
  }, graceMs);
  await app.close();
  clearTimeout(cutOff);
}

/** Starts the service in its role; a worker has no HTTP side. Closing the context stops it in order. */
export async function startService(parts: ServiceParts): Promise<INestApplicationContext> {
  const { settings } = parts;
  if (settings.ROLE === 'worker') {
    const context = await NestFactory.createApplicationContext(AppModule.forRoot(parts), {
      bufferLogs: true,
    });
    context.useLogger(context.get(Logger));
    return context;
  }
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(parts),
    new FastifyAdapter({ bodyLimit: MAX_BODY_BYTES, genReqId: () => uuidv7() }),
    { bufferLogs: true, bodyParser: false },
  );
  app.useLogger(app.get(Logger));
  parseJsonBodies(app.getHttpAdapter().getInstance());
  serveOpenApi(app);
  await app.listen(settings.PORT, settings.HOST);
  return app;
}
