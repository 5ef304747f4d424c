import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { RunMetrics } from '@pipelines/runs';
import type { FastifyReply } from 'fastify';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { RequiresAccess, TakesApiKey } from '../access/access.decorators.ts';
import { AnswersProblems } from '../http/answers-problems.decorator.ts';

/** The process's metrics for Prometheus, whose scrape sends the root key as its bearer token. */
@ApiTags('health')
@TakesApiKey()
@RequiresAccess('root')
@Controller('metrics')
export class MetricsController {
  private readonly registry: Registry;

  constructor(runs: RunMetrics) {
    const ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess });
    this.registry = Registry.merge([ofProcess, runs.registry]);
  }

  @Get()
  @ApiOperation({ summary: 'Metrics of this process and gauges of all, as Prometheus reads them' })
  @ApiProduces('text/plain')
  @ApiOkResponse({ schema: { type: 'string' } })
  @AnswersProblems('root_key_required')
  async read(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    void reply.type(this.registry.contentType);
    return this.registry.metrics();
  }
}
