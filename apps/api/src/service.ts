import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { INestApplicationContext } from '@nestjs/common';
import { Logger } from 'nestjs-pino';
import { v7 as uuidv7 } from 'uuid';
import { AppModule } from './app.module.ts';
import { parseJsonBodies } from './http/json-body.ts';
import { serveOpenApi } from './http/openapi.ts';
import { refusePath, refuseUnreadable } from './http/refusals.ts';
import type { ServiceParts } from './service-parts.ts';
import type { Settings } from './settings/settings.ts';

const MAX_BODY_BYTES = 64 * 1024;

/**
 * Puts the service together and starts its parts; it does not listen yet. A worker has no HTTP side.
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
  parseJsonBodies(app.getHttpAdapter().getInstance());
  serveOpenApi(app);
  return app.init();
}

/** Opens the HTTP side, where the role has one. */
export async function listen(app: INestApplicationContext, { HOST, PORT }: Settings): Promise<void> {
  if (hasHttpSide(app)) await app.listen(PORT, HOST);
}

/**
 * Stops the service in order: runs first, then connections, then database and queue. A client that does not finish
 * its request is cut off after the grace period, so that it cannot hold the process up.
 */
export async function stopService(app: INestApplicationContext, graceMs: number): Promise<void> {
  const cutOff = setTimeout(() => {
    if (hasHttpSide(app)) app.getHttpServer().closeAllConnections();
  }, graceMs);
  await app.close();
  clearTimeout(cutOff);
}

function hasHttpSide(app: INestApplicationContext): app is NestFastifyApplication {
  return 'getHttpServer' in app;
}
