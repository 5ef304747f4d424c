import { jest } from '@jest/globals';
import { describeWithBigQueryEmulator, startBigQueryHarness } from '@pipelines/bigquery-loader/testing';
import { startDuckdbHarness } from '@pipelines/duckdb-loader/testing';
import { describeQueryGoldens } from '@pipelines/pipeline/testing';
import { GCP_BILLING_EXPORT } from './testing/gcp-billing-export.golden.ts';
import { GCP_PRICING_EXPORT } from './testing/gcp-pricing-export.golden.ts';
import { NET_COST } from './testing/net-cost.golden.ts';

// The emulator translates every statement; on a busy machine that takes its time.
jest.setTimeout(120_000);

const GOLDENS = {
  'net cost of a billing export': NET_COST,
  ...GCP_BILLING_EXPORT,
  ...GCP_PRICING_EXPORT,
};

describeQueryGoldens('DuckDB', startDuckdbHarness, GOLDENS);

describeWithBigQueryEmulator('BigQuery gives the golden rows', () => {
  describeQueryGoldens('BigQuery', startBigQueryHarness, GOLDENS);
});
