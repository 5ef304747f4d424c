import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PROBLEM_STATUS } from './problem-status.ts';
import { pathOf, sendProblem } from './send-problem.ts';
import { toProblem } from './to-problem.ts';

/** Answers every error as a problem, and logs what is the service's own fault. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const error = toProblem(thrown, request.method, pathOf(request));
    if (PROBLEM_STATUS[error.code]! >= 500) {
      this.logger.error({
        msg: `${request.method} ${pathOf(request)}: ${error.code}`,
        detail: error.operatorDetail,
        err: error.cause ?? error,
      });
    }
    sendProblem(error, request, reply);
  }
}
