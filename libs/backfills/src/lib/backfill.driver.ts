import { Injectable, Logger } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { PipelineError } from '@pipelines/pipeline';
import { RunAdmission, RunCancellation } from '@pipelines/runs';
import { DataSource, type EntityManager } from 'typeorm';
import {
  ADVANCE_EVERY_MS,
  holdDueBackfill,
  nextWindows,
  recordAdvance,
  waitingRuns,
  type AdvanceHold,
  type HeldBackfill,
} from './backfill-advance.ts';

/** What holds a backfill takes a while to go away; a slot alone may be free again at any moment. */
const RETRY_MS = 60_000;

/**
 * Brings open backfills forward: admits their next runs as the plan has room for them, withdraws the waiting runs of a
 * cancelled one, and ends those that are done. Every process does so; a backfill is advanced by one at a time.
 */
@Injectable()
export class BackfillDriver {
  private readonly logger = new Logger(BackfillDriver.name);
  private driving = false;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly dataSource: DataSource,
    private readonly admission: RunAdmission,
    private readonly cancellation: RunCancellation,
  ) {}

  @Interval(ADVANCE_EVERY_MS)
  async drive(): Promise<void> {
    if (this.driving) return;
    this.driving = true;
    try {
      const due = await this.dataSource.query<{ id: string }[]>(
        `SELECT id FROM pipelines.backfills WHERE finished_at IS NULL AND next_advance_at <= now() ORDER BY next_advance_at`,
      );
      for (const { id } of due) await this.advance(id).catch((error: unknown) => this.leave(id, error));
    } catch (error) {
      this.logger.warn({ msg: 'No backfills were brought forward; it is tried again.', err: error });
    } finally {
      this.driving = false;
    }
  }

  /**
   * Brings one backfill forward if it is due and no other process does. Safe to be cut off at any point. A process does
   * so one at a time: each holds a connection while its admissions need another one of the same pool.
   */
  advance(id: string): Promise<void> {
    const done = this.turn.then(() => this.advanceHeld(id));
    this.turn = done.catch(() => undefined);
    return done;
  }

  private leave(id: string, error: unknown): void {
    this.logger.warn({ msg: `Backfill ${id} was not brought forward; it is tried again.`, err: error });
  }

  private async advanceHeld(id: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const backfill = await holdDueBackfill(manager, id);
      if (!backfill) return;
      const hold = backfill.cancelled
        ? await this.withdrawWaiting(manager, backfill)
        : await this.admitNext(manager, backfill);
      await recordAdvance(manager, backfill, hold);
    });
  }

  private async admitNext(manager: EntityManager, backfill: HeldBackfill): Promise<AdvanceHold | undefined> {
    const { id, org, provider, domain, pipeline } = backfill;
    for (const window of await nextWindows(manager, backfill)) {
      try {
        await this.admission.admitWindow({ org, provider, domain, pipeline, window, backfillId: id });
      } catch (error) {
        if (error instanceof PipelineError && error.code !== 'shutting_down') return holdBy(error);
        throw error;
      }
    }
    return undefined;
  }

  private async withdrawWaiting(manager: EntityManager, backfill: HeldBackfill): Promise<undefined> {
    for (const runId of await waitingRuns(manager, backfill)) {
      await this.cancellation.cancelWaiting(backfill.org, runId);
    }
  }
}

function holdBy({ code, message, facts }: PipelineError): AdvanceHold {
  return { code, message, retryMs: facts.limit === 'concurrent' ? ADVANCE_EVERY_MS : RETRY_MS };
}
