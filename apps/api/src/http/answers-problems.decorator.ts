import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { ERROR_CATALOG, type ErrorCode } from '@pipelines/pipeline';
import { PROBLEM_STATUS } from './problem-status.ts';
import { ProblemView } from './problem.view.ts';

/** What any request that needs a key may be refused for. */
const SHARED: readonly ErrorCode[] = [
  'validation_failed',
  'invalid_path_segment',
  'api_key_missing',
  'api_key_invalid',
  'organization_not_found',
  'database_unavailable',
];

const STATUSES_WITH_RETRY_AFTER: readonly number[] = [429, 503];

/** Documents an operation that needs a key: the refusals that all of those share, and the given ones of its own. */
export function AnswersProblems(...codes: readonly ErrorCode[]): MethodDecorator {
  const byStatus = Map.groupBy([...SHARED, ...codes], (code) => PROBLEM_STATUS[code]!);
  return applyDecorators(
    AnswersAnyProblem(),
    ...[...byStatus].map(([status, ofStatus]) =>
      ApiResponse({
        status,
        description: ofStatus.map((code) => `\`${code}\`: ${ERROR_CATALOG[code].summary}`).join('\n\n'),
        headers: STATUSES_WITH_RETRY_AFTER.includes(status) ? RETRY_AFTER : undefined,
        content: PROBLEM_CONTENT,
      }),
    ),
  );
}

/** Documents that whatever else goes wrong is told as a problem, too. */
export function AnswersAnyProblem(): MethodDecorator {
  return applyDecorators(
    ApiExtraModels(ProblemView),
    ApiResponse({ status: 'default', description: 'Any other problem.', content: PROBLEM_CONTENT }),
  );
}

const PROBLEM_CONTENT = { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemView) } } };

const RETRY_AFTER = {
  'Retry-After': { description: 'Seconds to wait before the next try.', schema: { type: 'integer' } },
} as const;
