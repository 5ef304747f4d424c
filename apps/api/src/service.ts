import { randomUUIDv7 } from 'node:crypto';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Logger, PinoLogger } from 'nestjs-pino';
import { AppModule } from './app.module.ts';
import { cutOffConnections } from './http/cut-off-connections.ts';
import { parseJsonBodies } from './http/json-body.ts';
import { serveOpenApi } from './http/openapi.ts';
import { refusePath, refuseUnreadable } from './http/refusals.ts';
import { logRequests } from './http/request-log.ts';
import type { ServiceParts } from './service-parts.ts';

const MAX_BODY_BYTES = 64 * 1024;

/**
 * Puts the service together and starts its parts; it does not listen yet. Closing it stops runs first, then
 * connections, then database and queue.
 */
export async function createService(parts: ServiceParts): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.forRoot(parts),
    new FastifyAdapter({
      bodyLimit: MAX_BODY_BYTES,
      genReqId: () => randomUUIDv7(),
      frameworkErrors: refusePath,
      clientErrorHandler: refuseUnreadable,
      // The one door of runs refuses while the process stops, and says when to ask again; all else is answered.
      return503OnClosing: false,
    }),
    { abortOnError: false, bufferLogs: true, bodyParser: false },
  );
  app.useLogger(app.get(Logger));
  const fastify = app.getHttpAdapter().getInstance();
  logRequests(fastify, PinoLogger.root);
  parseJsonBodies(fastify);
  cutOffConnections(fastify, parts.settings.SHUTDOWN_GRACE_S * 1000);
  serveOpenApi(app);
  return app.init();
}
