import { Controller, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RunAdmission, RunCancellation, RunHistory } from '@pipelines/runs';
import type { FastifyReply } from 'fastify';
import { RequiresAccess, TakesApiKey } from '../access/access.decorators.ts';
import { AnswersProblems } from '../http/answers-problems.decorator.ts';
import { answerAdmitted, RUN_STARTED } from './answer-admitted.ts';
import { RunAcceptedView } from './run-accepted.view.ts';
import { RunIdPipe } from './run-id.pipe.ts';
import { RunStatusView, runView } from './run-status.view.ts';

/** Ends runs before they are done, and starts ended ones again. */
@ApiTags('pipelines')
@TakesApiKey()
@Controller('api/v1/pipelines')
export class RunControlController {
  constructor(
    private readonly admission: RunAdmission,
    private readonly cancellation: RunCancellation,
    private readonly history: RunHistory,
  ) {}

  @Post('cancel/:org/:run_id')
  @HttpCode(202)
  @RequiresAccess('run')
  @ApiOperation({ summary: 'Cancel a run: a waiting one fails at once, a running one within seconds' })
  @ApiAcceptedResponse({ type: RunStatusView, description: 'Cancelled, or told to stop.' })
  @AnswersProblems('scope_missing', 'run_not_found', 'run_ended')
  async cancel(@Param('org') org: string, @Param('run_id', RunIdPipe) runId: string): Promise<RunStatusView> {
    await this.cancellation.cancel(org, runId);
    return runView(await this.history.get(org, runId));
  }

  @Post('retry/:org/:run_id')
  @HttpCode(202)
  @RequiresAccess('run')
  @ApiOperation({ summary: 'Run an ended run again, for the same window, as a run of its own' })
  @ApiAcceptedResponse({ type: RunAcceptedView, ...RUN_STARTED })
  @AnswersProblems(
    'scope_missing',
    'subscription_inactive',
    'run_not_found',
    'run_not_ended',
    'pipeline_not_found',
    'pipeline_invalid',
    'quota_exceeded',
    'plan_unavailable',
    'shutting_down',
  )
  async retry(
    @Param('org') org: string,
    @Param('run_id', RunIdPipe) runId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RunAcceptedView> {
    return answerAdmitted(reply, async () => {
      const { admitted, original } = await this.admission.retry(org, runId);
      const { provider, domain, pipeline } = original;
      return { admitted, path: { org, provider, domain, pipeline } };
    });
  }
}
