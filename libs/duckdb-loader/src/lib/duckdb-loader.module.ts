import { Module } from '@nestjs/common';
import { Warehouse } from '@pipelines/pipeline';
import { ConfigurableModuleClass } from './duckdb-loader.options.ts';
import { DuckdbWarehouse } from './duckdb.warehouse.ts';

/** Provides the embedded DuckDB file as the `Warehouse`. Import with `forRoot` or `forRootAsync`. */
@Module({
  providers: [{ provide: Warehouse, useClass: DuckdbWarehouse }],
  exports: [Warehouse],
})
export class DuckdbLoaderModule extends ConfigurableModuleClass {}
