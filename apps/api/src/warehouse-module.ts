import { join, resolve } from 'node:path';
import type { DynamicModule } from '@nestjs/common';
import { BigQueryLoaderModule } from '@pipelines/bigquery-loader';
import { DuckdbLoaderModule } from '@pipelines/duckdb-loader';
import type { Settings } from './settings/settings.ts';

/** The DuckDB file that the settings name. */
export function duckdbPathOf({ DUCKDB_PATH, DATA_DIR }: Settings): string {
  return DUCKDB_PATH ?? join(resolve(DATA_DIR), 'warehouse.duckdb');
}

/** The module of the warehouse that the settings choose. */
export function warehouseModule(settings: Settings, duckdbPath = duckdbPathOf(settings)): DynamicModule {
  return settings.WAREHOUSE === 'bigquery'
    ? BigQueryLoaderModule.forRoot({
        projectId: settings.BIGQUERY_PROJECT!,
        location: settings.BIGQUERY_LOCATION,
        apiEndpoint: settings.BIGQUERY_API_ENDPOINT,
        maximumBytesBilled: BigInt(settings.BIGQUERY_MAXIMUM_BYTES_BILLED),
      })
    : DuckdbLoaderModule.forRoot({ path: duckdbPath });
}
