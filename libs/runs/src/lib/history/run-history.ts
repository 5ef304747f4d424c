import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { PipelineError } from '@pipelines/pipeline';
import { Repository, type FindOptionsWhere } from 'typeorm';
import { RunEntity } from '../run.entity.ts';
import { decodeCursor, encodeCursor } from './history-cursor.ts';

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

/** Reads runs. Every read names the organization, so that none crosses to another. */
@Injectable()
export class RunHistory {
  constructor(@InjectRepository(RunEntity) private readonly runs: Repository<RunEntity>) {}

  /** @throws PipelineError `run_not_found`, also for a run of another organization. */
  async get(org: string, id: string): Promise<RunEntity> {
    const run = await this.runs.findOneBy({ org, id });
    if (!run) throw new PipelineError('run_not_found', `"${org}" has no run ${id}.`);
    return run;
  }

  /** @throws PipelineError `invalid_cursor` */
  async list(org: string, { limit, cursor, filter }: HistoryQuery): Promise<HistoryPage> {
    const given = Object.entries(filter).filter(([, value]) => value !== undefined);
    const query = this.runs
      .createQueryBuilder('run')
      .where({ ...Object.fromEntries(given), org })
      .orderBy('run.pendingAt', 'DESC')
      .addOrderBy('run.id', 'DESC')
      .limit(limit + 1);
    if (cursor !== undefined) {
      const { pendingAt, id } = decodeCursor(cursor);
      query.andWhere('(run.pendingAt, run.id) < (:pendingAt, :id)', { pendingAt, id });
    }
    const found = await query.getMany();
    const runs = found.slice(0, limit);
    const last = runs.at(-1);
    return { runs, nextCursor: last && found.length > limit ? encodeCursor(last) : null };
  }
}
