import { LINEAGE_COLUMNS, type Load } from '@pipelines/pipeline';

const MB_PER_COLUMN = 2.75;
const LEAST_MB = 64;

/**
 * Memory that a commit may take, in MB: each of DuckDB's two threads has a row group of every column in its buffers,
 * however many rows there are.
 */
export function commitMemoryMb({ schema }: Pick<Load, 'schema'>): number {
  return Math.max(LEAST_MB, Math.ceil((schema.columns.length + LINEAGE_COLUMNS.length) * MB_PER_COLUMN));
}
