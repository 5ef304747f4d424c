import { PipelineError } from '@pipelines/pipeline';
import type { FastifyInstance } from 'fastify';

const NUL = '\u0000';

/**
 * Reads every body as a JSON object, whatever its content type says (a plain `curl -d` names another), and an empty
 * one as no fields.
 */
export function parseJsonBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, parseObject(body as string));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** PostgreSQL cannot store U+0000, and no field has a use for it. */
function refuseNul(key: string, value: unknown): unknown {
  if (key.includes(NUL) || (typeof value === 'string' && value.includes(NUL))) {
    throw new PipelineError('validation_failed', `"${key}" holds the character U+0000, which no text may.`, {
      facts: { field: key },
    });
  }
  return value;
}

function parseObject(body: string): object {
  if (body.trim() === '') return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(body, refuseNul);
  } catch (error) {
    if (error instanceof PipelineError) throw error;
    throw new PipelineError(
      'invalid_json',
      'The request body is not JSON. Send an object such as {"date":"2026-11-01"}, or no body.',
      { cause: error },
    );
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new PipelineError(
      'invalid_json',
      'The request body must be a JSON object such as {"date":"2026-11-01"}.',
    );
  }
  return parsed;
}
