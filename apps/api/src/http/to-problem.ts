import { HttpException } from '@nestjs/common';
import { PipelineError } from '@pipelines/pipeline';
import { PROBLEM_STATUS } from './problem-status.ts';

/** Connection failures of PostgreSQL: Node's codes and SQLSTATE classes 08 and 57P. */
const CONNECTION_LOST = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|08\w{3}|57P\w{2})$/;
const CONNECTION_MESSAGE =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout)/;

const RETRY_AFTER_MS = 2_000;

/**
 * The product's error behind anything that a handler, Nest or Fastify threw; its code is one of `PROBLEM_STATUS`. An
 * error that only a run can carry is a fault of ours when it reaches a caller.
 */
export function toProblem(thrown: unknown, method: string, path: string): PipelineError {
  if (thrown instanceof PipelineError && thrown.code in PROBLEM_STATUS) return thrown;
  if (thrown instanceof HttpException && thrown.getStatus() < 500) {
    return refusedByFramework(thrown, method, path);
  }
  if (
    isError(thrown) &&
    (CONNECTION_LOST.test(thrown.code ?? '') || CONNECTION_MESSAGE.test(thrown.message))
  ) {
    return new PipelineError('database_unavailable', 'The database does not answer; nothing was changed.', {
      cause: thrown,
      retryAfterMs: RETRY_AFTER_MS,
    });
  }
  return new PipelineError('internal_error', 'An unexpected fault of the service. Its log has the details.', {
    cause: thrown,
  });
}

/** Nest turns what Fastify refuses before a handler runs into exceptions of its own. */
function refusedByFramework(thrown: HttpException, method: string, path: string): PipelineError {
  switch (thrown.getStatus()) {
    case 404:
      return new PipelineError('route_not_found', `${method} ${path} is not an endpoint. See /docs.`);
    case 413:
      return new PipelineError('payload_too_large', 'The request body is larger than 64 KiB.');
    default:
      return new PipelineError('validation_failed', thrown.message, { cause: thrown });
  }
}

function isError(thrown: unknown): thrown is Error & { code?: string } {
  return thrown instanceof Error;
}
