import { ConfigurableModuleBuilder } from '@nestjs/common';

/** Where BigQuery is and what a job may cost. */
export interface BigQueryLoaderOptions {
  /** Google Cloud project that holds the datasets and pays for the jobs. */
  readonly projectId: string;
  /** Location of every dataset and job, such as `US` or `europe-west1`. */
  readonly location: string;
  /** Another endpoint than the real one; on a loopback host no credentials are sent. */
  readonly apiEndpoint?: string;
  /** A query that would bill more fails before it runs. Default 1 TiB. */
  readonly maximumBytesBilled?: bigint;
  /** First wait between two looks at a running job; doubled up to 16 times. Default 500. */
  readonly pollIntervalMs?: number;
}

/** Makes `forRoot` and `forRootAsync`. */
export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN: BIGQUERY_LOADER_OPTIONS } =
  new ConfigurableModuleBuilder<BigQueryLoaderOptions>().setClassMethodName('forRoot').build();
