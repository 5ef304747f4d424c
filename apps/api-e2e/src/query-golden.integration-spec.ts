import { describeWithBigQueryEmulator, startBigQueryHarness } from '@pipelines/bigquery-loader/testing';
import { startDuckdbHarness } from '@pipelines/duckdb-loader/testing';
import { describeQueryGoldens } from '@pipelines/pipeline/testing';
import { NET_COST } from './testing/net-cost.golden.ts';

const GOLDENS = { 'net cost of a billing export': NET_COST };

describeQueryGoldens('DuckDB', startDuckdbHarness, GOLDENS);

describeWithBigQueryEmulator('BigQuery gives the golden rows', () => {
  describeQueryGoldens('BigQuery', startBigQueryHarness, GOLDENS);
});
