import { LINEAGE_COLUMNS, type Load } from '@pipelines/pipeline';

const COMMIT = { leastMb: 64, mbPerColumn: 2.75 };
const STAGING = { leastMb: 32, mbPerColumn: 0.75 };

/**
 * Memory that a commit may take, in MB: a row group of every column is in DuckDB's buffers, as the target has it and as it
 * is written, however many rows there are.
 */
export function commitMemoryMb(load: Pick<Load, 'schema'>): number {
  return memoryMb(load, COMMIT);
}

/**
 * Memory that appending to the staging file may take, and its sums, in MB: a row group of every column, of texts that do
 * not compress.
 */
export function stagingMemoryMb(load: Pick<Load, 'schema'>): number {
  return memoryMb(load, STAGING);
}

function memoryMb({ schema }: Pick<Load, 'schema'>, { leastMb, mbPerColumn }: typeof COMMIT): number {
  return Math.max(leastMb, Math.ceil((schema.columns.length + LINEAGE_COLUMNS.length) * mbPerColumn));
}
