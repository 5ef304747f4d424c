import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { RunStatusView } from '../runs/run-status.view.ts';
import { BackfillView } from './backfill.view.ts';

/** Documents an answer that is a run's or a backfill's, as the id in the path is. */
export function AnswersRunOrBackfill(status: number, description: string): MethodDecorator {
  return applyDecorators(
    ApiExtraModels(RunStatusView, BackfillView),
    ApiResponse({
      status,
      description,
      schema: { oneOf: [RunStatusView, BackfillView].map((view) => ({ $ref: getSchemaPath(view) })) },
    }),
  );
}
