import { randomUUIDv7 } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { PipelineError, type RunWindow } from '@pipelines/pipeline';
import { DataSource } from 'typeorm';
import type { Backfill, BackfillProgress, BackfillRequest } from './backfill.ts';

/** A caller's key and the SHA-256 of what it asked for. */
export interface BackfillKey {
  readonly key: string;
  readonly requestHash: Buffer;
}

/** A backfill that was recorded, or that an earlier request with the same key had. */
interface CreatedBackfill {
  readonly id: string;
  readonly replayed: boolean;
}

/**
 * The days that completed runs have loaded. A day that was not over when its run started may have grown since, so it
 * does not count as loaded.
 */
const LOADED_DAYS = `
  SELECT range_agg(daterange(window_start, loaded_until)) AS days
  FROM (
    SELECT window_start, least(window_end, (running_at AT TIME ZONE 'UTC')::date) AS loaded_until
    FROM pipelines.all_runs
    WHERE org_slug = $2 AND provider = $3 AND domain = $4 AND pipeline = $5 AND status = 'completed'
      AND window_start < $7 AND window_end > $6
  ) AS completed
  WHERE loaded_until > window_start`;

const CREATE = `
  WITH loaded AS (${LOADED_DAYS}),
  backfill AS (
    INSERT INTO pipelines.backfills
      (id, org_slug, provider, domain, pipeline, start_date, end_date, max_concurrent, only_missing, idempotency_key,
       request_hash)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT (org_slug, idempotency_key) DO NOTHING
    RETURNING id
  ),
  windows AS (
    INSERT INTO pipelines.backfill_windows (backfill_id, window_start, window_end)
    SELECT backfill.id, window_start, window_end
    FROM backfill, loaded, unnest($12::date[], $13::date[]) AS asked (window_start, window_end)
    WHERE NOT ($9 AND coalesce(daterange(window_start, window_end) <@ loaded.days, false))
  )
  SELECT id FROM backfill`;

/** The windows of the ended backfill whose runs did not complete, as a backfill of their own. */
const CREATE_RETRY = `
  WITH backfill AS (
    INSERT INTO pipelines.backfills
      (id, org_slug, provider, domain, pipeline, start_date, end_date, max_concurrent, only_missing, retry_of,
       idempotency_key, request_hash)
    SELECT $1, org_slug, provider, domain, pipeline, start_date, end_date, max_concurrent, only_missing, id, $4, $5
    FROM pipelines.backfills WHERE org_slug = $2 AND id = $3 AND finished_at IS NOT NULL
    ON CONFLICT (org_slug, idempotency_key) DO NOTHING
    RETURNING id
  ),
  windows AS (
    INSERT INTO pipelines.backfill_windows (backfill_id, window_start, window_end)
    SELECT backfill.id, window_start, window_end FROM backfill, pipelines.backfill_windows AS earlier
    WHERE earlier.backfill_id = $3 AND NOT EXISTS (
      SELECT FROM pipelines.all_runs AS run
      WHERE run.backfill_id = $3 AND run.window_start = earlier.window_start AND status = 'completed')
  )
  SELECT id FROM backfill`;

const FIND = `
  SELECT id, org_slug, provider, domain, pipeline, start_date::text, end_date::text, max_concurrent, only_missing,
    retry_of, created_at, cancelled_at, finished_at, held_by_code, held_by_message, next_advance_at
  FROM pipelines.backfills
  WHERE org_slug = $1 AND id = $2`;

/** The runs of an open backfill are in the live table, however old they are; those of an ended one may be archived. */
const progressSql = (runs: 'runs' | 'all_runs') => `
  SELECT count(*)::int AS total,
    count(*) FILTER (WHERE status IS NULL)::int AS waiting,
    count(*) FILTER (WHERE status = 'pending')::int AS pending,
    count(*) FILTER (WHERE status = 'validating')::int AS validating,
    count(*) FILTER (WHERE status = 'running')::int AS running,
    count(*) FILTER (WHERE status = 'completed')::int AS completed,
    count(*) FILTER (WHERE status = 'failed')::int AS failed
  FROM pipelines.backfill_windows AS part
  LEFT JOIN pipelines.${runs} AS run ON run.backfill_id = $1 AND run.window_start = part.window_start
  WHERE part.backfill_id = $1`;

interface BackfillRow {
  id: string;
  org_slug: string;
  provider: string;
  domain: string;
  pipeline: string;
  start_date: string;
  end_date: string;
  max_concurrent: number;
  only_missing: boolean;
  retry_of: string | null;
  created_at: Date;
  cancelled_at: Date | null;
  finished_at: Date | null;
  held_by_code: string | null;
  held_by_message: string | null;
  next_advance_at: Date;
}

/** Keeps backfills. Every read names the organization, so that none crosses to another. */
@Injectable()
export class BackfillStore {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Records the backfill with its windows; resolves with its id, or with that of the backfill that the same key
   * created in the last 24 hours.
   * @throws PipelineError `idempotency_key_reused` when that one asked for something else.
   */
  async create(
    request: BackfillRequest,
    windows: readonly RunWindow[],
    keyed?: BackfillKey,
  ): Promise<CreatedBackfill> {
    if (keyed) await this.forgetExpiredKey(request.org, keyed.key);
    const [created] = await this.dataSource.query<{ id: string }[]>(CREATE, [
      randomUUIDv7(),
      request.org,
      request.provider,
      request.domain,
      request.pipeline,
      request.startDate,
      request.endDate,
      request.maxConcurrent,
      request.onlyMissing,
      keyed?.key ?? null,
      keyed?.requestHash ?? null,
      windows.map(({ start }) => start),
      windows.map(({ end }) => end),
    ]);
    return created
      ? { id: created.id, replayed: false }
      : { id: (await this.findKeyed(request.org, keyed!))!, replayed: true };
  }

  /**
   * Takes an ended backfill up again, as one of its own, or finds the one that the same key created in the last 24 hours;
   * undefined when it has not ended.
   * @throws PipelineError `idempotency_key_reused` when that one asked for something else.
   */
  async createRetry(org: string, id: string, keyed?: BackfillKey): Promise<CreatedBackfill | undefined> {
    if (keyed) await this.forgetExpiredKey(org, keyed.key);
    const values = [randomUUIDv7(), org, id, keyed?.key ?? null, keyed?.requestHash ?? null];
    const [created] = await this.dataSource.query<{ id: string }[]>(CREATE_RETRY, values);
    if (created) return { id: created.id, replayed: false };
    const earlier = keyed && (await this.findKeyed(org, keyed));
    return earlier === undefined ? undefined : { id: earlier, replayed: true };
  }

  /**
   * The id of the backfill that the key created in the last 24 hours.
   * @throws PipelineError `idempotency_key_reused` when that one asked for something else.
   */
  async findKeyed(org: string, { key, requestHash }: BackfillKey): Promise<string | undefined> {
    const [found] = await this.dataSource.query<{ id: string; same: boolean }[]>(
      `SELECT id, request_hash = $3 AS same FROM pipelines.backfills
       WHERE org_slug = $1 AND idempotency_key = $2 AND created_at > now() - interval '24 hours'`,
      [org, key, requestHash],
    );
    if (!found || found.same) return found?.id;
    throw new PipelineError(
      'idempotency_key_reused',
      `The Idempotency-Key "${key}" was sent with another backfill in the last 24 hours. Use a new key for a new request.`,
      { facts: { backfill_id: found.id } },
    );
  }

  /** Undefined when the organization has no such backfill. */
  async find(org: string, id: string): Promise<Backfill | undefined> {
    const [row] = await this.dataSource.query<BackfillRow[]>(FIND, [org, id]);
    if (!row) return undefined;
    const runs = row.finished_at === null ? 'runs' : 'all_runs';
    const [progress] = await this.dataSource.query<BackfillProgress[]>(progressSql(runs), [id]);
    return backfillOf(row, progress!);
  }

  /** Marks the backfill as cancelled. False when it has ended. */
  async cancel(org: string, id: string): Promise<boolean> {
    const [, cancelled] = await this.dataSource.query<[unknown[], number]>(
      `UPDATE pipelines.backfills SET cancelled_at = coalesce(cancelled_at, now()), next_advance_at = now()
       WHERE org_slug = $1 AND id = $2 AND finished_at IS NULL`,
      [org, id],
    );
    return cancelled === 1;
  }

  private async forgetExpiredKey(org: string, key: string): Promise<void> {
    await this.dataSource.query(
      `UPDATE pipelines.backfills SET idempotency_key = NULL
       WHERE org_slug = $1 AND idempotency_key = $2 AND created_at <= now() - interval '24 hours'`,
      [org, key],
    );
  }
}

function backfillOf(row: BackfillRow, progress: BackfillProgress): Backfill {
  return {
    id: row.id,
    org: row.org_slug,
    provider: row.provider,
    domain: row.domain,
    pipeline: row.pipeline,
    startDate: row.start_date,
    endDate: row.end_date,
    maxConcurrent: row.max_concurrent,
    onlyMissing: row.only_missing,
    retryOf: row.retry_of,
    createdAt: row.created_at,
    cancelledAt: row.cancelled_at,
    finishedAt: row.finished_at,
    heldBy:
      row.held_by_code === null
        ? null
        : { code: row.held_by_code, message: row.held_by_message!, until: row.next_advance_at },
    progress,
  };
}
