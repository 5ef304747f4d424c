import { PreparedStatement } from '@pipelines/database';
import type { DataSource } from 'typeorm';
import type { Attempt } from './attempt.ts';

/** As warehouses write it, and to the microsecond, so that it compares with what the source says. */
const READ = new PreparedStatement<{ watermark: string }>(
  'read_watermark',
  `SELECT to_char(watermark AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS watermark
   FROM pipelines.watermarks
   WHERE org_slug = $1 AND provider = $2 AND domain = $3 AND pipeline = $4 AND scope = $5`,
);

/** How far the organization's pipeline has read, from these sources into this target; undefined when not at all. */
export async function readWatermark(
  dataSource: DataSource,
  { org, provider, domain, pipeline }: Attempt,
  scope: object,
): Promise<string | undefined> {
  const { rows } = await READ.run(dataSource, [org, provider, domain, pipeline, scope]);
  return rows[0]?.watermark;
}
