import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { Warehouse } from '@pipelines/pipeline';
import { BigQueryLoaderModule } from './bigquery-loader.module.ts';
import { BigQueryWarehouse } from './bigquery.warehouse.ts';

describe('BigQueryLoaderModule', () => {
  it.each([
    BigQueryLoaderModule.forRoot({ projectId: 'test-project', location: 'US' }),
    BigQueryLoaderModule.forRootAsync({ useFactory: () => ({ projectId: 'test-project', location: 'US' }) }),
  ])('provides BigQuery as the warehouse', async (module) => {
    const context = await Test.createTestingModule({ imports: [module] }).compile();

    expect(context.get(Warehouse)).toBeInstanceOf(BigQueryWarehouse);
    expect(context.get(Warehouse)).toMatchObject({ engine: 'bigquery', decimalScale: 38 });
  });
});
