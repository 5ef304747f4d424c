import { Injectable } from '@nestjs/common';
import {
  PipelineCatalog,
  pathOf,
  type PipelineDefinition,
  type PipelineIdentity,
} from '@pipelines/config-resolver';
import { PipelineError, startOfDay, toUtcDate } from '@pipelines/pipeline';
import { occurrencesBetween } from './occurrences.ts';
import type { AwaitedOccurrence, KeptSchedule } from './schedule.ts';
import { ScheduleStore } from './schedule.store.ts';

const DAY_MS = 24 * 3600 * 1000;

/** Tells what a scheduled run has to wait for: runs of the same UTC day of pipelines that its own depends on. */
@Injectable()
export class Dependencies {
  constructor(
    private readonly catalog: PipelineCatalog,
    private readonly store: ScheduleStore,
  ) {}

  /**
   * The occurrences that one at `dueAt` waits for, and how far each is. Of a schedule that is switched on, these are the
   * ones of that UTC day up to `dueAt`; where the day begins later for it, its first. A pipeline without a schedule, or
   * whose schedule is off, is not waited for.
   */
  async of(
    org: string,
    { dependsOn }: Pick<PipelineDefinition, 'dependsOn'>,
    dueAt: Date,
  ): Promise<readonly AwaitedOccurrence[]> {
    if (dependsOn.length === 0) return [];
    const kept = await this.store.listOf(org);
    const awaited = dependsOn.map((dependency) => {
      const schedule = kept.find((other) => other.enabled && pathOf(other) === pathOf(dependency));
      return schedule ? this.awaitedOf(schedule, dueAt) : [];
    });
    return (await Promise.all(awaited)).flat();
  }

  private async awaitedOf(schedule: KeptSchedule, dueAt: Date): Promise<AwaitedOccurrence[]> {
    const times = this.timesOf(schedule, dueAt);
    if (times.length === 0) return [];
    const outcomes = await this.store.outcomesAt(schedule, times);
    return times.flatMap((time): AwaitedOccurrence[] => {
      const outcome = outcomes.find((other) => other.dueAt.getTime() === time.getTime());
      const awaited = { pipeline: pathOf(schedule), dueAt: time.toISOString() };
      if (outcome) return [{ ...awaited, runId: outcome.runId, state: outcome.state }];
      // One that was dealt with and left no trace came before the schedule was switched on.
      return time <= schedule.handledUntil ? [] : [{ ...awaited, runId: null, state: 'waiting' }];
    });
  }

  private timesOf(schedule: KeptSchedule, dueAt: Date): readonly Date[] {
    const declared = this.definitionOf(schedule)?.schedule;
    if (!declared) return [];
    const start = startOfDay(toUtcDate(dueAt)).getTime();
    const ofDay = occurrencesBetween(declared, new Date(start - 1), new Date(start + DAY_MS - 1));
    const before = ofDay.filter((time) => time <= dueAt);
    return before.length > 0 ? before : ofDay.slice(0, 1);
  }

  private definitionOf({ provider, domain, pipeline }: PipelineIdentity): PipelineDefinition | undefined {
    try {
      return this.catalog.find(provider, domain, pipeline);
    } catch (error) {
      if (error instanceof PipelineError) return undefined;
      throw error;
    }
  }
}
