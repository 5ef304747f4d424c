import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { PipelineError } from '@pipelines/pipeline';
import { Repository, type FindOptionsWhere, type SelectQueryBuilder } from 'typeorm';
import { AnyRunEntity } from '../archive/any-run.entity.ts';
import { RunEntity } from '../run.entity.ts';
import { decodeCursor, encodeCursor, type HistoryPosition } from './history-cursor.ts';

/** Which runs of the organization to list, newest first. */
export interface HistoryQuery {
  readonly limit: number;
  readonly cursor?: string;
  readonly filter: FindOptionsWhere<
    Pick<RunEntity, 'status' | 'provider' | 'domain' | 'pipeline' | 'backfillId'>
  >;
}

/** One page of history. */
export interface HistoryPage {
  readonly runs: readonly RunEntity[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

/**
 * Reads runs, the archived ones too. Every read names the organization, so that none crosses to another.
 *
 * What the live table answers alone is read from it alone: planning a read of the archive takes longer the more months
 * it has. A run only ever moves to the archive, so that one missed in the live table is found there afterwards.
 */
@Injectable()
export class RunHistory {
  private readonly all: Repository<AnyRunEntity>;

  constructor(@InjectRepository(RunEntity) private readonly live: Repository<RunEntity>) {
    this.all = live.manager.getRepository(AnyRunEntity);
  }

  /** @throws PipelineError `run_not_found`, also for a run of another organization. */
  async get(org: string, id: string): Promise<RunEntity> {
    const run = (await this.live.findOneBy({ org, id })) ?? (await this.all.findOneBy({ org, id }));
    if (!run) throw new PipelineError('run_not_found', `"${org}" has no run ${id}.`);
    return run;
  }

  /** @throws PipelineError `invalid_cursor` */
  async list(org: string, { limit, cursor, filter }: HistoryQuery): Promise<HistoryPage> {
    const after = cursor === undefined ? undefined : decodeCursor(cursor);
    const rows = (runs: Repository<RunEntity>) => pageOf(runs, org, filter, limit + 1, after).getMany();
    let found = await rows(this.live);
    const full = found.length > limit;
    if (!full || (await this.isArchivedSince(org, found.at(-1)!, after))) found = await rows(this.all);
    const runs = found.slice(0, limit);
    const last = runs.at(-1);
    return { runs, nextCursor: last && found.length > limit ? encodeCursor(last) : null };
  }

  /** Whether the archive may hold runs of the page that ends with the live run. */
  private async isArchivedSince(
    org: string,
    { pendingAt }: RunEntity,
    after?: HistoryPosition,
  ): Promise<boolean> {
    const [found] = await this.live.query<{ exists: boolean }[]>(
      `SELECT EXISTS (
         SELECT FROM pipelines.archived_runs WHERE org_slug = $1 AND pending_at >= $2 AND pending_at <= $3)`,
      [org, pendingAt, after?.pendingAt ?? 'infinity'],
    );
    return found!.exists;
  }
}

function pageOf(
  runs: Repository<RunEntity>,
  org: string,
  filter: HistoryQuery['filter'],
  limit: number,
  after?: HistoryPosition,
): SelectQueryBuilder<RunEntity> {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined);
  const query = runs
    .createQueryBuilder('run')
    .where({ ...Object.fromEntries(given), org })
    .orderBy('run.pendingAt', 'DESC')
    .addOrderBy('run.id', 'DESC')
    .limit(limit);
  // The comparison of rows finds the place in an index; that of the time alone leaves later months out.
  return after
    ? query.andWhere('(run.pendingAt, run.id) < (:pendingAt, :id) AND run.pendingAt <= :pendingAt', after)
    : query;
}
