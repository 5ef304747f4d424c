import { mkdir } from 'node:fs/promises';
import { PipelineError } from '@pipelines/pipeline';

/** @throws PipelineError `warehouse_unavailable` when the directory is missing and cannot be made. */
export async function ensureDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw new PipelineError(
      'warehouse_unavailable',
      'The directory of the DuckDB warehouse cannot be made.',
      {
        cause: error,
        operatorDetail: `mkdir ${path}: ${String((error as NodeJS.ErrnoException).code)}. Make it writable, or change DUCKDB_PATH.`,
      },
    );
  }
}
