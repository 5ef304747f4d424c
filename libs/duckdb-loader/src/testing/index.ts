export { startDuckdbHarness } from './duckdb-harness.ts';
