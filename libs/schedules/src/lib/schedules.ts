import { Injectable } from '@nestjs/common';
import { PipelineCatalog, type PipelineDefinition, type PipelineSchedule } from '@pipelines/config-resolver';
import { DatabaseClock } from '@pipelines/database';
import { PipelineError } from '@pipelines/pipeline';
import { nextOccurrence, startOffset } from './occurrences.ts';
import type { KeptSchedule, Schedule } from './schedule.ts';
import { ScheduleStore } from './schedule.store.ts';

/** A pipeline that declares when it runs by itself. */
type Scheduled = PipelineDefinition & { readonly schedule: PipelineSchedule };

const OCCURRENCES = 20;

/** Switches the schedules that pipelines declare on and off per organization, and tells what they did. */
@Injectable()
export class Schedules {
  constructor(
    private readonly catalog: PipelineCatalog,
    private readonly clock: DatabaseClock,
    private readonly store: ScheduleStore,
  ) {}

  /**
   * Switches the pipeline's schedule on or off. Switched on, it begins with its next occurrence; switched off, nothing
   * that was missed is caught up. Runs that were admitted go on. The organization must exist.
   *
   * @throws PipelineError `pipeline_not_found`, `pipeline_invalid` or `schedule_not_declared`.
   */
  async switch(
    org: string,
    path: [provider: string, domain: string, pipeline: string],
    on: boolean,
  ): Promise<Schedule> {
    const definition = this.scheduled(...path);
    const { schedule } = definition;
    if (on) {
      const now = this.clock.now();
      const nextDueAt = nextOccurrence(schedule, now);
      const wakeAt = new Date(nextDueAt.getTime() + startOffset({ org, ...definition }, schedule.jitterMs));
      await this.store.switchOn(org, definition, { handledUntil: now, nextDueAt, wakeAt });
    } else {
      await this.store.switchOff(org, definition);
    }
    return this.of(org, definition);
  }

  /** @throws PipelineError `pipeline_not_found`, `pipeline_invalid` or `schedule_not_declared`. */
  async find(org: string, path: [provider: string, domain: string, pipeline: string]): Promise<Schedule> {
    return this.of(org, this.scheduled(...path));
  }

  /** The schedules of every valid pipeline that declares one, switched on or not, in the order of their paths. */
  async list(org: string): Promise<readonly Schedule[]> {
    const kept = await this.store.listOf(org);
    const valid = this.catalog.entries().filter(({ problems }) => problems.length === 0);
    const definitions = valid.map(({ provider, domain, pipeline }) =>
      this.catalog.find(provider, domain, pipeline),
    );
    return Promise.all(definitions.filter(isScheduled).map((definition) => this.of(org, definition, kept)));
  }

  private async of(org: string, definition: Scheduled, kept?: readonly KeptSchedule[]): Promise<Schedule> {
    const { provider, domain, pipeline, schedule: declared } = definition;
    const own = (kept ?? (await this.store.listOf(org))).find(
      (other) => other.provider === provider && other.domain === domain && other.pipeline === pipeline,
    );
    return {
      org,
      provider,
      domain,
      pipeline,
      declared,
      enabled: own?.enabled ?? false,
      nextDueAt: own?.nextDueAt ?? null,
      occurrences: own ? await this.store.outcomes(own, OCCURRENCES) : [],
    };
  }

  private scheduled(provider: string, domain: string, pipeline: string): Scheduled {
    const definition = this.catalog.find(provider, domain, pipeline);
    if (isScheduled(definition)) return definition;
    throw new PipelineError(
      'schedule_not_declared',
      `${provider}/${domain}/${pipeline} does not say when it runs. Add "schedule: {cron: …}" to ${definition.file}.`,
    );
  }
}

function isScheduled(definition: PipelineDefinition): definition is Scheduled {
  return definition.schedule !== undefined;
}
