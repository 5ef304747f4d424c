import type { DataSource } from 'typeorm';

/** One month of the archive: the partition's name, and its bounds as timestamps in SQL, the later one exclusive. */
export interface ArchiveMonth {
  readonly partition: string;
  readonly from: string;
  readonly to: string;
}

/** Any constant of our own: it only has to differ from the advisory locks of other programs. */
const PARTITION_LOCK = 7_264_201_313;

/** Columns of an {@link ArchiveMonth} for an SQL expression of a timestamp in UTC. */
export function monthColumns(utc: string): string {
  const start = `date_trunc('month', ${utc})`;
  return `
    to_char(${start}, '"archived_runs_"YYYY_MM') AS partition,
    to_char(${start}, 'YYYY-MM-DD"T00:00Z"') AS from,
    to_char(${start} + interval '1 month', 'YYYY-MM-DD"T00:00Z"') AS to`;
}

/**
 * Makes the month's partition unless it is there. Several processes may do so at once. The table is made apart and then
 * attached, which, other than CREATE TABLE ... PARTITION OF, lets those go on who read or write the archive.
 */
export async function ensurePartition(
  dataSource: DataSource,
  { partition, from, to }: ArchiveMonth,
): Promise<void> {
  await dataSource.transaction(async (manager) => {
    await manager.query('SELECT pg_advisory_xact_lock($1)', [PARTITION_LOCK]);
    const attached = await manager.query<unknown[]>(
      `SELECT FROM pg_inherits
       WHERE inhparent = 'pipelines.archived_runs'::regclass AND inhrelid = to_regclass('pipelines.' || $1)`,
      [partition],
    );
    if (attached.length > 0) return;
    await manager.query(
      `CREATE TABLE pipelines.${partition} (LIKE pipelines.archived_runs INCLUDING ALL);
       ALTER TABLE pipelines.archived_runs
         ATTACH PARTITION pipelines.${partition} FOR VALUES FROM ('${from}') TO ('${to}')`,
    );
  });
}
