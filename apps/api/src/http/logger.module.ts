import type { DynamicModule } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import type { Options } from 'pino-http';
import { loggedError } from './logged-error.ts';

/** JSON logs on standard output, one line per request and event; keys and credentials never among them. */
export function loggerModule(level: string): DynamicModule {
  return LoggerModule.forRoot({ pinoHttp: loggerOptions(level) });
}

/** What is logged of requests, answers and errors. */
export function loggerOptions(level: string): Options {
  return {
    level,
    // `logRequests` does, also for answers that are given before any middleware.
    autoLogging: false,
    redact: ['req.headers.authorization', 'req.headers["x-api-key"]', 'req.headers.cookie'],
    serializers: {
      req: ({ id, method, url }: { id: string; method: string; url: string }) => ({
        id,
        method,
        url: url.split('?', 1)[0],
      }),
      res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
      // pino-http applies its own serializer first, and keeps what that was given in `raw`.
      err: (error: { raw?: unknown } | null) => loggedError(error?.raw ?? error),
    },
  };
}
