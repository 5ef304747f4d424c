import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** What an organization has used at an instant, by the database's clock. */
export interface Usage {
  readonly daily: number;
  readonly monthly: number;
  readonly concurrent: number;
  readonly readAt: Date;
}

/** Reads what an organization has used, rolled over to the current UTC day and month. */
@Injectable()
export class UsageReader {
  constructor(private readonly dataSource: DataSource) {}

  async read(org: string): Promise<Usage> {
    const [usage] = await this.dataSource.query<Usage[]>(
      `SELECT
         CASE WHEN day >= today THEN daily_count ELSE 0 END AS daily,
         CASE WHEN date_trunc('month', day) >= date_trunc('month', today) THEN monthly_count ELSE 0 END AS monthly,
         coalesce(concurrent_count, 0) AS concurrent,
         now AS "readAt"
       FROM (SELECT now, (now AT TIME ZONE 'UTC')::date AS today FROM pipelines.utc_now() AS now) AS clock
       LEFT JOIN pipelines.usage_counters ON org_slug = $1`,
      [org],
    );
    return usage!;
  }
}
