import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { INestApplicationContext } from '@nestjs/common';
import { Logger } from 'nestjs-pino';
import { v7 as uuidv7 } from 'uuid';
import { AppModule } from './app.module.ts';
import { cutOffConnections } from './http/cut-off-connections.ts';
import { parseJsonBodies } from './http/json-body.ts';
import { serveOpenApi } from './http/openapi.ts';
import { refusePath, refuseUnreadable } from './http/refusals.ts';
import type { ServiceParts } from './service-parts.ts';
import type { Settings } from './settings/settings.ts';

const MAX_BODY_BYTES = 64 * 1024;

/**
 * Puts the service together and starts its parts; it does not listen yet. A worker has no HTTP side. Closing it stops
 * runs first, then connections, then database and queue.
 */
export async function createService(parts: ServiceParts): Promise<INestApplicationContext> {
  if (parts.settings.ROLE === 'worker') {
    const context = await NestFactory.createApplicationContext(AppModule.forRoot(parts), {
      abortOnError: false,
      bufferLogs: true,
    });
    context.useLogger(context.get(Logger));
    return context;
  }
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(parts),
    new FastifyAdapter({
      bodyLimit: MAX_BODY_BYTES,
      genReqId: () => uuidv7(),
      frameworkErrors: refusePath,
      clientErrorHandler: refuseUnreadable,
    }),
    { abortOnError: false, bufferLogs: true, bodyParser: false },
  );
  app.useLogger(app.get(Logger));
  const fastify = app.getHttpAdapter().getInstance();
  parseJsonBodies(fastify);
  cutOffConnections(fastify, parts.settings.SHUTDOWN_GRACE_S * 1000);
  serveOpenApi(app);
  return app.init();
}

/** Opens the HTTP side, where the role has one. */
export async function listen(app: INestApplicationContext, { HOST, PORT }: Settings): Promise<void> {
  if (hasHttpSide(app)) await app.listen(PORT, HOST);
}

function hasHttpSide(app: INestApplicationContext): app is NestFastifyApplication {
  return 'getHttpServer' in app;
}
