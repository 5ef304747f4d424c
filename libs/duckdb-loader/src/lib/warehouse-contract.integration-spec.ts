import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWarehouseContract } from '@pipelines/pipeline/testing';
import { DuckdbWarehouse } from './duckdb.warehouse.ts';
import { readTable } from './testing/read-table.ts';

describeWarehouseContract('DuckdbWarehouse', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'duckdb-warehouse-'));
  const path = join(directory, 'warehouse.duckdb');
  return {
    warehouse: new DuckdbWarehouse({ path }),
    read: (dataset, table) => readTable(path, dataset, table),
    close: () => rm(directory, { recursive: true }),
  };
});
