export { startBigQueryHarness } from './bigquery-harness.ts';
export { describeWithBigQueryEmulator } from './describe-with-emulator.ts';
