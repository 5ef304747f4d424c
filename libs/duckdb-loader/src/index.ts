export { DuckdbLoaderModule } from './lib/duckdb-loader.module.ts';
export type { DuckdbLoaderOptions } from './lib/duckdb-loader.options.ts';
export { DuckdbWarehouse } from './lib/duckdb.warehouse.ts';
