import { Injectable } from '@nestjs/common';
import { PipelineCatalog, type PipelineDefinition, type PipelineSchedule } from '@pipelines/config-resolver';
import { DatabaseClock } from '@pipelines/database';
import { PipelineError, resolveWindow, toUtcDate } from '@pipelines/pipeline';
import { RunAdmission } from '@pipelines/runs';
import { CATCH_UP_MS, planCatchUp, retryAt } from './catch-up.ts';
import { Dependencies } from './dependencies.ts';
import { nextOccurrence, occurrencesBetween, startOffset } from './occurrences.ts';
import type { KeptSchedule, Occurrence, Outcome } from './schedule.ts';
import { ScheduleStore } from './schedule.store.ts';

/** A schedule whose pipeline cannot run by itself is looked at this often; a corrected file comes with a new process. */
const IDLE_MS = 24 * 3600 * 1000;

/** How often an occurrence looks whether what it waits for has ended, and how long it waits at most. */
const LOOK_EVERY_MS = 60_000;
const LONGEST_WAIT_MS = 6 * 3600 * 1000;

/** Looks at one schedule: starts what is due, says what was missed and why, and lets it wait for its next time. */
@Injectable()
export class ScheduleRunner {
  constructor(
    private readonly catalog: PipelineCatalog,
    private readonly clock: DatabaseClock,
    private readonly admission: RunAdmission,
    private readonly store: ScheduleStore,
    private readonly dependencies: Dependencies,
  ) {}

  /**
   * Safe to be cut off at any point, and to be done twice at once: an occurrence has one run, whoever asks for it.
   * @throws PipelineError `shutting_down`; the schedule is as it was then.
   */
  async run(id: string): Promise<void> {
    const schedule = await this.store.findEnabled(id);
    if (!schedule) return;
    const now = this.clock.now();
    const definition = this.definitionOf(schedule);
    if (!definition?.schedule) {
      // A pipeline that was taken off its schedule is not caught up with; one with a broken file is.
      const handledUntil = definition ? now : schedule.handledUntil;
      const wakeAt = new Date(now.getTime() + IDLE_MS);
      await this.store.advance(schedule, { handledUntil, nextDueAt: null, wakeAt, outcomes: [] });
      return;
    }
    await this.start(schedule, definition, definition.schedule, now);
  }

  /** The valid pipeline of a schedule; undefined when it is gone, or its file has problems. */
  definitionOf({ provider, domain, pipeline }: KeptSchedule): PipelineDefinition | undefined {
    try {
      return this.catalog.find(provider, domain, pipeline);
    } catch (error) {
      if (error instanceof PipelineError) return undefined;
      throw error;
    }
  }

  private async start(
    schedule: KeptSchedule,
    definition: PipelineDefinition,
    declared: PipelineSchedule,
    now: Date,
  ): Promise<void> {
    const offsetMs = startOffset(schedule, declared.jitterMs);
    const reached = new Date(now.getTime() - offsetMs);
    const since = new Date(Math.max(schedule.handledUntil.getTime(), reached.getTime() - CATCH_UP_MS));
    const come = occurrencesBetween(declared, since, reached).map((dueAt) => occurrence(dueAt, definition));

    const { start, dropped } = planCatchUp(
      declared.catchUp,
      [...(await this.store.missed(schedule)), ...come],
      reached,
    );
    const outcomes: Outcome[] = [...dropped];
    for (const due of start) {
      const waitedFor = await this.dependencies.of(schedule.org, definition, due.dueAt);
      outcomes.push(
        waiting({ ...due, waitedFor }, now) ??
          (await this.admit(schedule, { ...due, waitedFor }, declared, now, offsetMs)),
      );
    }

    const handledUntil = come.at(-1)?.dueAt ?? since;
    const nextDueAt = nextOccurrence(declared, handledUntil);
    const wakes = [
      nextDueAt.getTime() + offsetMs,
      ...outcomes.flatMap((outcome) =>
        'missed' in outcome ? (outcome.missed.retryAt?.getTime() ?? []) : [],
      ),
    ];
    await this.store.advance(schedule, {
      handledUntil,
      nextDueAt,
      wakeAt: new Date(Math.min(...wakes)),
      outcomes,
    });
  }

  private async admit(
    { org, provider, domain, pipeline }: KeptSchedule,
    due: Occurrence & Pick<Outcome, 'waitedFor'>,
    { catchUp }: PipelineSchedule,
    now: Date,
    offsetMs: number,
  ): Promise<Outcome> {
    const { dueAt, window } = due;
    try {
      const path = { org, provider, domain, pipeline };
      const { runId } = await this.admission.admitWindow({ ...path, window, scheduledFor: dueAt });
      return { ...due, runId };
    } catch (error) {
      if (!(error instanceof PipelineError) || error.code === 'shutting_down') throw error;
      const { code, message } = error;
      return { ...due, missed: { code, message, retryAt: retryAt(catchUp, due, now, offsetMs, error) } };
    }
  }
}

/** The occurrence as one that waits on, unless all that it waits for has ended or it has waited long enough. */
function waiting(due: Occurrence & Pick<Outcome, 'waitedFor'>, now: Date): Outcome | undefined {
  const { waitingSince = now, waitedFor = [] } = due;
  const left = waitedFor.filter(({ state }) => state === 'waiting');
  const until = waitingSince.getTime() + LONGEST_WAIT_MS;
  if (left.length === 0 || now.getTime() >= until) return undefined;
  const names = left.map(({ pipeline, runId }) => pipeline + (runId === null ? '' : ` (run ${runId})`));
  return {
    ...due,
    waitingSince,
    missed: {
      code: 'waiting',
      message: `It waits for ${names.join(', ')}, until ${new Date(until).toISOString()} at the latest.`,
      retryAt: new Date(Math.min(now.getTime() + LOOK_EVERY_MS, until)),
    },
  };
}

/** What the pipeline would have loaded by default at that time. */
function occurrence(dueAt: Date, { window }: PipelineDefinition): Occurrence {
  return { dueAt, window: resolveWindow({}, window, toUtcDate(dueAt)) };
}
