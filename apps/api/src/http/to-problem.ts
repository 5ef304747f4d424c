import { HttpException } from '@nestjs/common';
import { PipelineError } from '@pipelines/pipeline';
import { PROBLEM_STATUS } from './problem-status.ts';

/**
 * PostgreSQL does not answer, has no room, or has become a read-only standby: Node's codes of sockets and name
 * look-ups, SQLSTATE classes 08 and 53, 57P and 25006 (https://www.postgresql.org/docs/current/errcodes-appendix.html).
 */
const UNAVAILABLE_CODE =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|(08|53)\w{3}|57P\w{2}|25006)$/;
/** What pg and pg-pool say without a code. */
const UNAVAILABLE_MESSAGE =
  /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error)/;

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
  if (isDatabaseUnavailable(thrown)) {
    return new PipelineError('database_unavailable', unavailableMessage(method), {
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

function isDatabaseUnavailable(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const { code = '', message }: { code?: string; message: string } = thrown;
  return UNAVAILABLE_CODE.test(code) || UNAVAILABLE_MESSAGE.test(message);
}

/** A connection can break after the commit and before its confirmation, so only a read is known to change nothing. */
function unavailableMessage(method: string): string {
  return method === 'GET'
    ? 'The database does not answer. Try again.'
    : 'The database does not answer, and whether the request took effect is unknown. Look at the history before you send it again.';
}
