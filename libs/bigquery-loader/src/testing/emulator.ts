export { createBigQueryClient } from '../lib/bigquery-client.factory.ts';
export { whyEmulatorIsSkipped } from './emulator-installation.ts';
export { startBigQueryEmulator, type BigQueryEmulator } from './start-emulator.ts';
