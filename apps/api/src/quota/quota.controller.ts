import { Controller, Get, Param, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { QuotaReader, quotaStatus } from '@pipelines/quota';
import type { FastifyReply } from 'fastify';
import { RequiresAccess, TakesApiKey } from '../access/access.decorators.ts';
import { AnswersProblems } from '../http/answers-problems.decorator.ts';
import { quotaView, QuotaView } from './quota.view.ts';
import { setRateLimitHeaders } from './rate-limit-headers.ts';

/** What an organization may run, and what it has used of that. */
@ApiTags('pipelines')
@TakesApiKey()
@Controller('api/v1/quota')
export class QuotaController {
  constructor(private readonly quotas: QuotaReader) {}

  @Get(':org')
  @RequiresAccess('read')
  @ApiOperation({ summary: 'Limits of the plan, what is used, and when they start anew' })
  @ApiOkResponse({ type: QuotaView })
  @AnswersProblems('scope_missing', 'subscription_inactive', 'plan_unavailable')
  async quota(
    @Param('org') org: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<QuotaView> {
    const { plan, usage } = await this.quotas.read(org);
    const limits = quotaStatus(plan, usage);
    setRateLimitHeaders(reply, limits, usage.readAt);
    return quotaView(plan, limits);
  }
}
