import { jest } from '@jest/globals';
import { describeWithBigQueryEmulator, startBigQueryHarness } from '@pipelines/bigquery-loader/testing';
import { startDuckdbHarness } from '@pipelines/duckdb-loader/testing';
import { describeQueryGoldens } from '@pipelines/pipeline/testing';
import { GCP_BILLING_EXPORT, GCP_EXTREME_AMOUNTS } from './testing/gcp-billing-export.golden.ts';
import { GCP_PRICING_EXPORT } from './testing/gcp-pricing-export.golden.ts';
import { NET_COST } from './testing/net-cost.golden.ts';
import { THREE_ACCOUNTS } from './testing/unified/accounts.golden.ts';
import {
  ANTHROPIC_CHARGES,
  ANTHROPIC_CHARGES_WITHOUT_WORKSPACES,
} from './testing/unified/anthropic.golden.ts';
import { GCP_COMMITMENTS } from './testing/unified/gcp-commitments.golden.ts';
import { GCP_MONTHS } from './testing/unified/gcp-months.golden.ts';
import { GCP_CHARGES } from './testing/unified/gcp.golden.ts';
import { OPENAI_CHARGES } from './testing/unified/openai.golden.ts';
import { ALL_SOURCES, NO_SOURCES } from './testing/unified/sources.golden.ts';

// The emulator translates every statement; on a busy machine that takes its time.
jest.setTimeout(120_000);

const GOLDENS = {
  'net cost of a billing export': NET_COST,
  ...GCP_BILLING_EXPORT,
  ...GCP_PRICING_EXPORT,
  'charges of OpenAI': OPENAI_CHARGES,
  'charges of Google Cloud': GCP_CHARGES,
  'charges of Google Cloud that belong to commitments': GCP_COMMITMENTS,
  'charges of Google Cloud without an invoice month': GCP_MONTHS,
  'charges of Anthropic': ANTHROPIC_CHARGES,
  'charges of Anthropic without workspaces': ANTHROPIC_CHARGES_WITHOUT_WORKSPACES,
  'charges of three accounts of one provider': THREE_ACCOUNTS,
  'charges without any source': NO_SOURCES,
  'charges of days that any source has touched': ALL_SOURCES,
};

describeQueryGoldens('DuckDB', startDuckdbHarness, {
  ...GOLDENS,
  // BigQuery reads them by itself; the emulator, which is a DuckDB inside, does not.
  'a billing export of very large and small amounts': GCP_EXTREME_AMOUNTS,
});

describeWithBigQueryEmulator('BigQuery gives the golden rows', () => {
  describeQueryGoldens('BigQuery', startBigQueryHarness, GOLDENS);
});
