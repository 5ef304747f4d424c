import { STATUS_CODES } from 'node:http';
import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PROBLEM_STATUS } from './problem-status.ts';
import { toProblem } from './to-problem.ts';

/**
 * Answers every error as RFC 9457 problem+json: `type`, `title`, `status`, `detail`, `instance`, and our members
 * `code` (stable), `request_id` and the facts of the error.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const [path] = request.url.split('?', 1);
    const error = toProblem(thrown, request.method, path!);
    const status = PROBLEM_STATUS[error.code]!;

    if (status >= 500) {
      this.logger.error({
        msg: `${request.method} ${path}: ${error.code}`,
        detail: error.operatorDetail,
        err: error.cause ?? error,
      });
    }
    if (status === 401) void reply.header('www-authenticate', 'Bearer');
    if (error.retryAfterMs !== undefined) {
      void reply.header('retry-after', String(Math.ceil(error.retryAfterMs / 1000)));
    }
    void reply
      .status(status)
      .type('application/problem+json')
      .send({
        ...error.facts,
        type: `urn:pipelines:problem:${error.code}`,
        title: STATUS_CODES[status],
        status,
        detail: error.message,
        instance: path,
        code: error.code,
        request_id: request.id,
      });
  }
}
