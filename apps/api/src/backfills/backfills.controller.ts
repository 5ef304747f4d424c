import { Body, Controller, Headers, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Backfills } from '@pipelines/backfills';
import type { FastifyReply } from 'fastify';
import { RequiresAccess, TakesApiKey } from '../access/access.decorators.ts';
import { AnswersProblems } from '../http/answers-problems.decorator.ts';
import { assertIdempotencyKey } from '../runs/run-query.dto.ts';
import { answerStarted } from './answer-started.ts';
import { BackfillDto } from './backfill.dto.ts';
import { BackfillView } from './backfill.view.ts';

/** Starts backfills; status, cancel and retry of runs take a backfill's id as well. */
@ApiTags('pipelines')
@TakesApiKey()
@Controller('api/v1/pipelines')
export class BackfillsController {
  constructor(private readonly backfills: Backfills) {}

  @Post('backfill/:org/:provider/:domain/:pipeline')
  @HttpCode(202)
  @RequiresAccess('run')
  @ApiOperation({
    summary: 'Load many days of a pipeline: one run per window, admitted as the plan has room',
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'The same key gives the same backfill for 24 hours.',
  })
  @ApiAcceptedResponse({
    type: BackfillView,
    description: 'The backfill is recorded, and its first runs are admitted if the plan has room for them.',
    headers: {
      Location: {
        description: 'Where the backfill can be followed.',
        schema: { type: 'string', format: 'uri-reference' },
      },
    },
  })
  @ApiOkResponse({ type: BackfillView, description: 'The backfill that this Idempotency-Key has started.' })
  @AnswersProblems(
    'invalid_json',
    'invalid_date',
    'date_in_future',
    'window_reversed',
    'window_too_long',
    'scope_missing',
    'subscription_inactive',
    'pipeline_not_found',
    'pipeline_invalid',
    'idempotency_key_reused',
    'plan_unavailable',
  )
  async start(
    @Param('org') org: string,
    @Param('provider') provider: string,
    @Param('domain') domain: string,
    @Param('pipeline') pipeline: string,
    @Body() { start_date, end_date, max_concurrent, only_missing }: BackfillDto,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BackfillView> {
    const started = await this.backfills.start(
      {
        org,
        provider,
        domain,
        pipeline,
        startDate: start_date,
        endDate: end_date,
        maxConcurrent: max_concurrent,
        onlyMissing: only_missing,
      },
      idempotencyKey === undefined ? undefined : assertIdempotencyKey(idempotencyKey),
    );
    return answerStarted(reply, started);
  }
}
