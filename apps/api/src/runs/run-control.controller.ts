import { Controller, Headers, HttpCode, Param, Post, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiExtraModels,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import { Backfills } from '@pipelines/backfills';
import { RunAdmission, RunCancellation, RunHistory } from '@pipelines/runs';
import type { FastifyReply } from 'fastify';
import { RequiresAccess, TakesApiKey } from '../access/access.decorators.ts';
import { answerStarted } from '../backfills/answer-started.ts';
import { backfillView, BackfillView } from '../backfills/backfill.view.ts';
import { AnswersRunOrBackfill } from '../backfills/run-or-backfill.ts';
import { AnswersProblems } from '../http/answers-problems.decorator.ts';
import { RUN_STARTED, RunAnswers } from './run-answers.ts';
import { RunAcceptedView } from './run-accepted.view.ts';
import { assertIdempotencyKey } from './run-query.dto.ts';
import { RunIdPipe } from './run-id.pipe.ts';
import { type RunStatusView, runView } from './run-status.view.ts';

const RUN_OR_BACKFILL_STARTED = {
  oneOf: [RunAcceptedView, BackfillView].map((view) => ({ $ref: getSchemaPath(view) })),
};

/** Ends runs before they are done, and starts ended ones again. */
@ApiTags('pipelines')
@TakesApiKey()
@Controller('api/v1/pipelines')
export class RunControlController {
  constructor(
    private readonly admission: RunAdmission,
    private readonly cancellation: RunCancellation,
    private readonly history: RunHistory,
    private readonly backfills: Backfills,
    private readonly answers: RunAnswers,
  ) {}

  @Post('cancel/:org/:run_id')
  @HttpCode(202)
  @RequiresAccess('run')
  @ApiOperation({
    summary: 'Cancel a run or a backfill',
    description:
      'A waiting run fails at once, a running one within seconds. Of a backfill nothing more is admitted and the waiting runs are withdrawn; those at work end as they would have, and a retry takes it up again.',
  })
  @AnswersRunOrBackfill(202, 'Cancelled, or told to stop.')
  @AnswersProblems('scope_missing', 'run_not_found', 'run_ended')
  async cancel(
    @Param('org') org: string,
    @Param('run_id', RunIdPipe) id: string,
  ): Promise<RunStatusView | BackfillView> {
    if (await this.backfills.find(org, id)) return backfillView(await this.backfills.cancel(org, id));
    await this.cancellation.cancel(org, id);
    return runView(await this.history.get(org, id));
  }

  @Post('retry/:org/:run_id')
  @HttpCode(202)
  @RequiresAccess('run')
  @ApiOperation({
    summary: 'Run an ended run again, or the windows of an ended backfill that did not complete',
    description: 'What it starts is a run, or a backfill, of its own.',
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'The same key gives the same run, or backfill, for 24 hours.',
  })
  @ApiExtraModels(RunAcceptedView, BackfillView)
  @ApiAcceptedResponse({
    ...RUN_STARTED,
    schema: RUN_OR_BACKFILL_STARTED,
  })
  @ApiOkResponse({
    description: 'The run or the backfill that this Idempotency-Key has started before.',
    schema: RUN_OR_BACKFILL_STARTED,
  })
  @AnswersProblems(
    'scope_missing',
    'subscription_inactive',
    'run_not_found',
    'run_not_ended',
    'idempotency_key_reused',
    'pipeline_not_found',
    'pipeline_invalid',
    'quota_exceeded',
    'plan_unavailable',
    'admission_contended',
    'shutting_down',
  )
  async retry(
    @Param('org') org: string,
    @Param('run_id', RunIdPipe) id: string,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RunAcceptedView | BackfillView> {
    const key = idempotencyKey === undefined ? undefined : assertIdempotencyKey(idempotencyKey);
    if (await this.backfills.find(org, id)) {
      return answerStarted(reply, await this.backfills.retry(org, id, key));
    }
    return this.answers.admitted(reply, org, async () => {
      const { admitted, original } = await this.admission.retry(org, id, key);
      const { provider, domain, pipeline } = original;
      return { admitted, path: { org, provider, domain, pipeline } };
    });
  }
}
