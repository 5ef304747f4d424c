import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Schedules } from '@pipelines/schedules';
import { RequiresAccess, TakesApiKey } from '../access/access.decorators.ts';
import { AnswersProblems } from '../http/answers-problems.decorator.ts';
import { ScheduleDto } from './schedule.dto.ts';
import { ScheduleListView, scheduleView, ScheduleView } from './schedule.view.ts';

/** Switches on and off what pipelines declare of when they run by themselves. */
@ApiTags('schedules')
@TakesApiKey()
@Controller('api/v1/schedules')
export class SchedulesController {
  constructor(private readonly schedules: Schedules) {}

  @Put(':org/:provider/:domain/:pipeline')
  @RequiresAccess('run')
  @ApiOperation({ summary: "Switch a pipeline's schedule on or off for the organization" })
  @ApiOkResponse({ type: ScheduleView })
  @AnswersProblems(
    'invalid_json',
    'scope_missing',
    'pipeline_not_found',
    'pipeline_invalid',
    'schedule_not_declared',
  )
  async switch(
    @Param('org') org: string,
    @Param('provider') provider: string,
    @Param('domain') domain: string,
    @Param('pipeline') pipeline: string,
    @Body() { enabled }: ScheduleDto,
  ): Promise<ScheduleView> {
    return scheduleView(await this.schedules.switch(org, [provider, domain, pipeline], enabled));
  }

  @Get(':org/:provider/:domain/:pipeline')
  @RequiresAccess('read')
  @ApiOperation({ summary: "A pipeline's schedule, its next time and what became of the last ones" })
  @ApiOkResponse({ type: ScheduleView })
  @AnswersProblems('scope_missing', 'pipeline_not_found', 'pipeline_invalid', 'schedule_not_declared')
  async find(
    @Param('org') org: string,
    @Param('provider') provider: string,
    @Param('domain') domain: string,
    @Param('pipeline') pipeline: string,
  ): Promise<ScheduleView> {
    return scheduleView(await this.schedules.find(org, [provider, domain, pipeline]));
  }

  @Get(':org')
  @RequiresAccess('read')
  @ApiOperation({ summary: 'The schedules of all pipelines that declare one, switched on or not' })
  @ApiOkResponse({ type: ScheduleListView })
  @AnswersProblems('scope_missing')
  async list(@Param('org') org: string): Promise<ScheduleListView> {
    const schedules = await this.schedules.list(org);
    return { schedules: schedules.map(scheduleView) };
  }
}
