import { STATUS_CODES } from 'node:http';
import type { PipelineError } from '@pipelines/pipeline';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PROBLEM_STATUS } from './problem-status.ts';

/**
 * Answers with the error as RFC 9457 problem+json: `type`, `title`, `status`, `detail`, `instance`, and our members
 * `code` (stable), `request_id` and the facts of the error. The error's code is one of `PROBLEM_STATUS`.
 */
export function sendProblem(error: PipelineError, request: FastifyRequest, reply: FastifyReply): void {
  const status = PROBLEM_STATUS[error.code]!;
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
      instance: pathOf(request),
      code: error.code,
      request_id: request.id,
    });
}

/** The request's path without its query, which may hold what is nobody's business. */
export function pathOf({ url }: FastifyRequest): string {
  return url.split('?', 1)[0]!;
}
