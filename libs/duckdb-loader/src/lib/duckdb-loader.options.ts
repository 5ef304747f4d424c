import { ConfigurableModuleBuilder } from '@nestjs/common';

/** Where the embedded warehouse lies. */
export interface DuckdbLoaderOptions {
  /** The database file; created, with its directory, when missing. */
  readonly path: string;
  /** Where attempts stage their rows, each in a file of its own. Default: `staging` beside the database file. */
  readonly stagingDirectory?: string;
  /** How long to wait for another process to close the database file. Default 30,000. */
  readonly lockWaitMs?: number;
}

/** Makes `forRoot` and `forRootAsync`. */
export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN: DUCKDB_LOADER_OPTIONS } =
  new ConfigurableModuleBuilder<DuckdbLoaderOptions>().setClassMethodName('forRoot').build();
