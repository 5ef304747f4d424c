import { PreparedStatement } from '@pipelines/database';
import type { Watermarks } from '@pipelines/pipeline';
import type { DataSource } from 'typeorm';
import type { Attempt } from './attempt.ts';

/** How far an organization's pipeline has read. */
export interface KnownWatermarks {
  /** Undefined when it has read nothing from these sources into this target. */
  readonly watermarks?: Watermarks;
  /** Raised by every run that completes; 0 before the first. */
  readonly revision: number;
}

const READ_SQL = new PreparedStatement<{ watermarks: Watermarks; revision: number; applies: boolean }>(
  'read_watermarks',
  `SELECT watermarks, revision, scope = $5 AS applies
   FROM pipelines.watermarks
   WHERE org_slug = $1 AND provider = $2 AND domain = $3 AND pipeline = $4`,
);

/** How far the organization's pipeline has read, from these sources into this target. */
export async function readWatermarks(
  dataSource: DataSource,
  { org, provider, domain, pipeline }: Attempt,
  scope: object,
): Promise<KnownWatermarks> {
  const { rows } = await READ_SQL.run(dataSource, [org, provider, domain, pipeline, scope]);
  const [known] = rows;
  if (!known) return { revision: 0 };
  const { watermarks, revision, applies } = known;
  // An empty object, too, says that everything is still to be read.
  return applies && Object.keys(watermarks).length > 0 ? { watermarks, revision } : { revision };
}
