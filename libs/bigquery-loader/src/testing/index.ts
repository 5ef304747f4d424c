export { startBigQueryHarness } from './bigquery-harness.ts';
export { describeWithBigQueryEmulator } from './emulator-installation.ts';
export { startBigQueryEmulator, type BigQueryEmulator } from './start-emulator.ts';
