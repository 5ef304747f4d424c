import { Module } from '@nestjs/common';
import { Warehouse } from '@pipelines/pipeline';
import { ConfigurableModuleClass } from './bigquery-loader.options.ts';
import { BigQueryWarehouse } from './bigquery.warehouse.ts';

/** Provides BigQuery as the `Warehouse`. Import with `forRoot` or `forRootAsync`. */
@Module({
  providers: [{ provide: Warehouse, useClass: BigQueryWarehouse }],
  exports: [Warehouse],
})
export class BigQueryLoaderModule extends ConfigurableModuleClass {}
