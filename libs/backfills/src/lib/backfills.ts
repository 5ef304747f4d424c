import { createHash } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { PipelineCatalog } from '@pipelines/config-resolver';
import { DatabaseClock } from '@pipelines/database';
import { assertWindow, parseUtcDate, PipelineError, toUtcDate } from '@pipelines/pipeline';
import { assertActive, PlanReader } from '@pipelines/quota';
import type { Backfill, BackfillRequest } from './backfill.ts';
import { BackfillDriver } from './backfill.driver.ts';
import { BackfillStore, type BackfillKey } from './backfill.store.ts';
import { splitWindow } from './split-window.ts';

/** The longest span one backfill may cover, in days: ten years. */
const MAX_BACKFILL_DAYS = 3_660;
const LIMITS = { field: 'end_date', maxDays: MAX_BACKFILL_DAYS, advice: 'Ask for several backfills.' };

/** A backfill that was started, or that an earlier request with the same idempotency key had started. */
export interface StartedBackfill {
  readonly backfill: Backfill;
  readonly replayed: boolean;
}

/** Starts, stops and takes up backfills, and tells where they stand. The organization must exist. */
@Injectable()
export class Backfills {
  private readonly logger = new Logger(Backfills.name);

  constructor(
    private readonly catalog: PipelineCatalog,
    private readonly clock: DatabaseClock,
    private readonly plans: PlanReader,
    private readonly store: BackfillStore,
    private readonly driver: BackfillDriver,
  ) {}

  /**
   * Records a backfill and admits its first runs. The same idempotency key gives the same backfill for 24 hours.
   *
   * @throws PipelineError `pipeline_not_found`, `pipeline_invalid`, `invalid_date`, `window_reversed`, `date_in_future`,
   * `window_too_long`, `subscription_inactive`, `plan_unavailable` or `idempotency_key_reused`; nothing was started then.
   */
  async start(request: BackfillRequest, idempotencyKey?: string): Promise<StartedBackfill> {
    const keyed = keyOf(idempotencyKey, request);
    const earlier = await this.earlier(request.org, keyed);
    if (earlier) return earlier;
    const { backfillDays } = this.catalog.find(request.provider, request.domain, request.pipeline);
    const window = {
      start: parseUtcDate(request.startDate, 'start_date'),
      end: parseUtcDate(request.endDate, 'end_date'),
    };
    assertWindow(window, toUtcDate(this.clock.now()), LIMITS);
    assertActive(await this.plans.read(request.org));
    const { id, replayed } = await this.store.create(request, splitWindow(window, backfillDays), keyed);
    return { backfill: await this.advanced(request.org, id), replayed };
  }

  /** Undefined when the organization has no such backfill. */
  find(org: string, id: string): Promise<Backfill | undefined> {
    return this.store.find(org, id);
  }

  /**
   * Admits nothing more of the backfill and withdraws its runs that still wait; those at work end as they would have.
   * @throws PipelineError `backfill_not_found`, or `run_ended` when there is nothing left to cancel.
   */
  async cancel(org: string, id: string): Promise<Backfill> {
    if (await this.store.cancel(org, id)) return this.advanced(org, id);
    await this.get(org, id);
    throw new PipelineError('run_ended', `Backfill ${id} has ended already; there is nothing to cancel.`);
  }

  /**
   * Takes an ended backfill up again: the windows whose runs did not complete, as a backfill of their own. The same
   * idempotency key gives the same backfill for 24 hours.
   * @throws PipelineError `backfill_not_found`, `run_not_ended`, `idempotency_key_reused`, and the plan's and the
   * catalog's errors.
   */
  async retry(org: string, id: string, idempotencyKey?: string): Promise<StartedBackfill> {
    const { provider, domain, pipeline } = await this.get(org, id);
    const keyed = keyOf(idempotencyKey, { retryOf: id });
    const earlier = await this.earlier(org, keyed);
    if (earlier) return earlier;
    this.catalog.find(provider, domain, pipeline);
    assertActive(await this.plans.read(org));
    const created = await this.store.createRetry(org, id, keyed);
    if (created) return { backfill: await this.advanced(org, created.id), replayed: created.replayed };
    throw new PipelineError(
      'run_not_ended',
      `Backfill ${id} has not ended; only one that has can be taken up again. Cancel it first.`,
    );
  }

  /** What an earlier request with the key started, whatever has become of the pipeline and the plan since. */
  private async earlier(org: string, keyed?: BackfillKey): Promise<StartedBackfill | undefined> {
    const id = keyed && (await this.store.findKeyed(org, keyed));
    return id === undefined ? undefined : { backfill: await this.get(org, id), replayed: true };
  }

  private async get(org: string, id: string): Promise<Backfill> {
    const backfill = await this.store.find(org, id);
    if (!backfill) throw new PipelineError('backfill_not_found', `"${org}" has no backfill ${id}.`);
    return backfill;
  }

  /** The backfill once it was brought forward; when that does not succeed now, the driver's next round does it. */
  private async advanced(org: string, id: string): Promise<Backfill> {
    try {
      await this.driver.advance(id);
    } catch (error) {
      this.logger.warn({ msg: `Backfill ${id} was not brought forward at once.`, err: error });
    }
    return this.get(org, id);
  }
}

function keyOf(key: string | undefined, asked: object): BackfillKey | undefined {
  if (key === undefined) return undefined;
  return { key, requestHash: createHash('sha256').update(JSON.stringify(asked)).digest() };
}
