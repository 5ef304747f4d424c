import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiExtraModels,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiQuery,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import { Backfills } from '@pipelines/backfills';
import { PipelineCatalog } from '@pipelines/config-resolver';
import { RunAdmission, RunHistory } from '@pipelines/runs';
import type { FastifyReply } from 'fastify';
import { RequiresAccess, TakesApiKey } from '../access/access.decorators.ts';
import { backfillView, type BackfillView } from '../backfills/backfill.view.ts';
import { AnswersRunOrBackfill } from '../backfills/run-or-backfill.ts';
import { AnswersProblems } from '../http/answers-problems.decorator.ts';
import { CatalogView } from './catalog.view.ts';
import { HistoryPageView } from './history-page.view.ts';
import { HistoryQueryDto } from './history-query.dto.ts';
import { RunAcceptedView } from './run-accepted.view.ts';
import { RunIdPipe } from './run-id.pipe.ts';
import { RunPreviewView } from './run-preview.view.ts';
import { assertIdempotencyKey, RunQueryDto } from './run-query.dto.ts';
import { type RunStatusView, runView } from './run-status.view.ts';
import { RUN_STARTED, RunAnswers } from './run-answers.ts';
import { RunWindowDto } from './run-window.dto.ts';

/** Starts runs and follows them. */
@ApiTags('pipelines')
@TakesApiKey()
@Controller('api/v1/pipelines')
export class RunsController {
  constructor(
    private readonly admission: RunAdmission,
    private readonly history: RunHistory,
    private readonly catalog: PipelineCatalog,
    private readonly backfills: Backfills,
    private readonly answers: RunAnswers,
  ) {}

  @Post('run/:org/:provider/:domain/:pipeline')
  @HttpCode(202)
  @RequiresAccess('run')
  @ApiOperation({ summary: 'Start a run of a pipeline' })
  @ApiBody({ type: RunWindowDto, required: false })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'The same key gives the same run for 24 hours.',
  })
  @ApiQuery({
    name: 'dry_run',
    required: false,
    enum: ['true', 'false'],
    description: 'Only say what would happen.',
  })
  @ApiExtraModels(RunPreviewView)
  @ApiAcceptedResponse({ type: RunAcceptedView, ...RUN_STARTED })
  @ApiOkResponse({
    description: 'The run that this Idempotency-Key has started before, or the answer to a dry run.',
    schema: { oneOf: [RunAcceptedView, RunPreviewView].map((view) => ({ $ref: getSchemaPath(view) })) },
  })
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
    'quota_exceeded',
    'idempotency_key_reused',
    'configuration_invalid',
    'plan_unavailable',
    'admission_contended',
    'shutting_down',
  )
  async run(
    @Param('org') org: string,
    @Param('provider') provider: string,
    @Param('domain') domain: string,
    @Param('pipeline') pipeline: string,
    @Body() window: RunWindowDto,
    @Query() { dry_run }: RunQueryDto,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RunAcceptedView | RunPreviewView> {
    const path = { org, provider, domain, pipeline };
    if (dry_run === 'true') {
      return this.answers.previewed(reply, org, () => this.admission.preview({ ...path, window }));
    }
    const key = idempotencyKey === undefined ? undefined : assertIdempotencyKey(idempotencyKey);
    return this.answers.admitted(reply, org, async () => ({
      path,
      admitted: await this.admission.admit({ ...path, window, idempotencyKey: key }),
    }));
  }

  @Get('status/:org/:run_id')
  @RequiresAccess('read')
  @ApiOperation({ summary: 'Where a run stands, or a backfill with all its runs' })
  @AnswersRunOrBackfill(200, 'The run or the backfill of this id.')
  @AnswersProblems('scope_missing', 'run_not_found')
  async status(
    @Param('org') org: string,
    @Param('run_id', RunIdPipe) id: string,
  ): Promise<RunStatusView | BackfillView> {
    const backfill = await this.backfills.find(org, id);
    return backfill ? backfillView(backfill) : runView(await this.history.get(org, id));
  }

  @Get('history/:org')
  @RequiresAccess('read')
  @ApiOperation({ summary: "The organization's runs, newest first" })
  @ApiOkResponse({ type: HistoryPageView })
  @AnswersProblems('scope_missing', 'invalid_cursor')
  async list(
    @Param('org') org: string,
    @Query() { limit, cursor, backfill_id, ...filter }: HistoryQueryDto,
  ): Promise<HistoryPageView> {
    const { runs, nextCursor } = await this.history.list(org, {
      limit,
      cursor,
      filter: { ...filter, backfillId: backfill_id },
    });
    return { runs: runs.map(runView), next_cursor: nextCursor };
  }

  @Get('catalog/:org')
  @RequiresAccess('read')
  @ApiOperation({ summary: 'The pipelines of this installation, with the problems of bad ones' })
  @ApiOkResponse({ type: CatalogView })
  @AnswersProblems('scope_missing')
  catalogOf(@Param('org') _org: string): CatalogView {
    return { pipelines: this.catalog.entries() };
  }
}
