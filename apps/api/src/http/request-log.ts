import type { FastifyInstance } from 'fastify';
import type { PinoLogger } from 'nestjs-pino';

/** Asked every few seconds by what watches the service, and of no interest when they are well. */
const WATCHED = ['/api/v1/health/', '/metrics'];

/** Logs every answered request in a line: at `error` when the service failed, at `debug` what monitors ask. */
export function logRequests(fastify: FastifyInstance, logger: typeof PinoLogger.root): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const { id, method } = request;
    const path = request.url.split('?', 1)[0]!;
    const { statusCode: status, elapsedTime } = reply;
    const watched = status < 400 && WATCHED.some((prefix) => path.startsWith(prefix));
    const level = status >= 500 ? 'error' : watched ? 'debug' : 'info';
    const line = { request_id: id, method, path, status, duration_ms: Math.round(elapsedTime) };
    logger[level](line, 'Answered.');
    done();
  });
}
