export { BigQueryLoaderModule } from './lib/bigquery-loader.module.ts';
export type { BigQueryLoaderOptions } from './lib/bigquery-loader.options.ts';
