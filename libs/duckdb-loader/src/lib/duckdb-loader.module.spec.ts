import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { Warehouse } from '@pipelines/pipeline';
import { DuckdbLoaderModule } from './duckdb-loader.module.ts';
import { DuckdbWarehouse } from './duckdb.warehouse.ts';

describe('DuckdbLoaderModule', () => {
  it.each([
    DuckdbLoaderModule.forRoot({ path: 'unused.duckdb' }),
    DuckdbLoaderModule.forRootAsync({ useFactory: () => ({ path: 'unused.duckdb' }) }),
  ])('provides DuckDB as the warehouse', async (module) => {
    const context = await Test.createTestingModule({ imports: [module] }).compile();

    expect(context.get(Warehouse)).toBeInstanceOf(DuckdbWarehouse);
    expect(context.get(Warehouse)).toMatchObject({ engine: 'duckdb', decimalScale: 18 });
  });
});
