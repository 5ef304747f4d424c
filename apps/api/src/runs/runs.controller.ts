import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import { PipelineCatalog } from '@pipelines/config-resolver';
import { RunAdmission, RunHistory } from '@pipelines/runs';
import type { FastifyReply } from 'fastify';
import { RequiresAccess } from '../access/access.decorators.ts';
import { HistoryQueryDto } from './history-query.dto.ts';
import { RunIdPipe } from './run-id.pipe.ts';
import { runView, statusPath } from './run-status.view.ts';
import { RunWindowDto } from './run-window.dto.ts';

/** Starts runs and follows them. */
@ApiTags('pipelines')
@ApiSecurity('api-key')
@Controller('api/v1/pipelines')
export class RunsController {
  constructor(
    private readonly admission: RunAdmission,
    private readonly history: RunHistory,
    private readonly catalog: PipelineCatalog,
  ) {}

  @Post('run/:org/:provider/:domain/:pipeline')
  @HttpCode(202)
  @RequiresAccess('run')
  @ApiOperation({ summary: 'Start a run of a pipeline' })
  async run(
    @Param('org') org: string,
    @Param('provider') provider: string,
    @Param('domain') domain: string,
    @Param('pipeline') pipeline: string,
    @Body() window: RunWindowDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const admitted = await this.admission.admit({ org, provider, domain, pipeline, window });
    const status = statusPath(org, admitted.runId);
    void reply.header('location', status);
    return {
      run_id: admitted.runId,
      org,
      provider,
      domain,
      pipeline,
      status: 'pending',
      window: admitted.window,
      links: { status },
    };
  }

  @Get('status/:org/:run_id')
  @RequiresAccess('read')
  @ApiOperation({ summary: 'Where a run stands' })
  async status(@Param('org') org: string, @Param('run_id', RunIdPipe) runId: string) {
    return runView(await this.history.get(org, runId));
  }

  @Get('history/:org')
  @RequiresAccess('read')
  @ApiOperation({ summary: "The organization's runs, newest first" })
  async list(@Param('org') org: string, @Query() { limit, cursor, ...filter }: HistoryQueryDto) {
    const { runs, nextCursor } = await this.history.list(org, { limit, cursor, filter });
    return { runs: runs.map(runView), next_cursor: nextCursor };
  }

  @Get('catalog/:org')
  @RequiresAccess('read')
  @ApiOperation({ summary: 'The pipelines of this installation, with the problems of bad ones' })
  catalogOf(@Param('org') _org: string) {
    return { pipelines: this.catalog.entries() };
  }
}
